//! Decodes files beside each other and hands the parts on in order.

use super::{Input, Opened};
use crate::failure::{Failure, FailureKind};
use refit_sources::{Decoded, Interest, SourceFile, Tally, Watch};
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

/// More threads than this found no more to do: one thread puts together what
/// the others decode, and that takes about a fifth of their time.
const MOST_THREADS: usize = 6;

/// How many files are one piece of work: a file of the usual two kilobytes
/// takes a fraction of a millisecond, too little to hand over one by one.
const MOST_IN_PIECE: usize = 32;

/// How many objects are handed over at a time: as many as one part of a large file
/// has. Most files have one, and waking who waits for each of them was half of the
/// system time of a scan.
const IN_BATCH: usize = 64;

/// How many batches of a piece may wait to be put together: this bounds memory,
/// whatever the size of a file.
const WAITING_BATCHES: usize = 8;

/// Parts that are handed over together, in order.
type Batch = Vec<Decoded>;

/// Files to decode, and where the parts go.
struct Piece<'a> {
    inputs: &'a [Input],
    out: SyncSender<Result<Batch, Failure>>,
}

/// What is looked for in files.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    /// The documents that are read.
    pub(super) interest: Interest<'a>,
    /// The fields of which it is told who sets them.
    pub(super) watch: &'a Watch,
}

/// Decodes what is of interest in `inputs` and hands the parts to `take`, in
/// order; `tally` counts the inputs that are done.
///
/// # Errors
/// When an input cannot be read; what stands before it was handed on.
pub(super) fn decode(
    inputs: &[Input],
    sought: Sought<'_>,
    tally: &Tally,
    take: &mut dyn FnMut(Decoded),
) -> Result<(), Failure> {
    let threads = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(MOST_THREADS);
    // Every thread gets several pieces, so that none is idle at the end.
    let in_piece = (inputs.len() / (threads * 4)).clamp(1, MOST_IN_PIECE);
    let mut pieces = inputs.chunks(in_piece);
    let (work, queue) = channel();
    let queue = Mutex::new(queue);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(pieces.len()) {
            scope.spawn(|| decode_pieces(&queue, sought));
        }
        let mut waiting = VecDeque::new();
        loop {
            // Pieces are given out in order and their parts are taken in order,
            // so that the piece that is waited for is always being decoded.
            while waiting.len() < threads * 2
                && let Some(inputs) = pieces.next()
            {
                waiting.push_back((inputs.len(), give(&work, inputs)));
            }
            let Some((count, batches)) = waiting.pop_front() else {
                // The threads end when there can be no more work.
                drop(work);
                return Ok(());
            };
            for batch in batches {
                for part in batch? {
                    take(part);
                }
            }
            tally.ended(count);
        }
    })
}

fn give<'a>(work: &Sender<Piece<'a>>, inputs: &'a [Input]) -> Receiver<Result<Batch, Failure>> {
    let (out, batches) = sync_channel(WAITING_BATCHES);
    // It fails only when all threads have ended; then `batches` is at its end too,
    // and the panic that ended them is passed on by the scope.
    drop(work.send(Piece { inputs, out }));
    batches
}

/// Decodes one file. A defect of ours ends the command with a word about the
/// file, instead of leaving whoever waits for the parts waiting.
fn decode_one(
    file: &SourceFile,
    sought: Sought<'_>,
    hand_on: &mut dyn FnMut(Decoded),
) -> Result<(), Failure> {
    // What was half done is dropped with the failure, so that nobody sees it.
    let Sought { interest, watch } = sought;
    let decoding = AssertUnwindSafe(|| refit_sources::decode(file, interest, watch, hand_on));
    std::panic::catch_unwind(decoding).map_err(|_| {
        Failure::new(
            FailureKind::Broken,
            format!("could not decode {}: this is a defect of refit", file.name),
        )
        .hint("please report it, with the file if you may share it")
    })
}

fn decode_pieces(queue: &Mutex<Receiver<Piece<'_>>>, sought: Sought<'_>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Piece { inputs, out }) = next else {
            return;
        };
        let mut filling = Filling::default();
        // Nobody listens any more when another input could not be read.
        let mut is_heard = true;
        for input in inputs {
            let mut hand_on = |part| {
                let full = filling.add(part);
                is_heard = is_heard && full.is_none_or(|batch| out.send(Ok(batch)).is_ok());
            };
            let decoded = input.open().and_then(|opened| match opened {
                Opened::File(file) => decode_one(&file, sought, &mut hand_on),
                Opened::Unread(part) => {
                    hand_on(part);
                    Ok(())
                }
            });
            if let Err(failure) = decoded {
                // What stands before it is handed on all the same.
                drop(out.send(Ok(filling.rest())));
                drop(out.send(Err(failure)));
                is_heard = false;
            }
            if !is_heard {
                break;
            }
        }
        if is_heard {
            drop(out.send(Ok(filling.rest())));
        }
    }
}

/// The batch that is being filled.
#[derive(Default)]
struct Filling {
    batch: Batch,
    size: usize,
}

impl Filling {
    /// Adds `part`, and hands out what was there when both are too much together.
    fn add(&mut self, part: Decoded) -> Option<Batch> {
        // A part with nothing in it is something to keep as well.
        let size = part.parts().max(1);
        let full = (self.size + size > IN_BATCH).then(|| self.rest());
        self.size += size;
        self.batch.push(part);
        full.filter(|batch| !batch.is_empty())
    }

    /// Hands out what there is.
    fn rest(&mut self) -> Batch {
        self.size = 0;
        std::mem::take(&mut self.batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a file with so many documents.
    fn parts(name: &str, documents: usize) -> Vec<Decoded> {
        let file = SourceFile {
            name: name.to_owned(),
            bytes: "---\na: b\n".repeat(documents).into_bytes(),
        };
        let mut parts = Vec::new();
        refit_sources::decode(
            &file,
            Interest::EVERYTHING,
            &Watch::default(),
            &mut |part| {
                parts.push(part);
            },
        );
        parts
    }

    #[test]
    fn parts_are_handed_over_together_in_order_and_bounded() {
        for files in [0, 1, 2, 40, 200] {
            // Small files and large ones, and some with nothing in them.
            let given: Vec<Decoded> = (0..files)
                .flat_map(|at| parts(&format!("{at}.yaml"), at * 37 % 90 / (at % 7 + 1)))
                .collect();
            let words = |parts: &[Decoded]| -> Vec<String> {
                parts.iter().map(|part| format!("{part:?}")).collect()
            };
            let (before, size) = (
                words(&given),
                given.iter().map(Decoded::parts).sum::<usize>(),
            );
            let mut filling = Filling::default();
            let mut batches: Vec<Batch> = Vec::new();
            for part in given {
                batches.extend(filling.add(part));
            }
            batches.push(filling.rest());
            for batch in &batches {
                let held: usize = batch.iter().map(Decoded::parts).sum();
                assert!(held <= IN_BATCH && batch.len() <= IN_BATCH, "{held}");
            }
            // No two that follow each other would fit into one.
            assert!(batches.len() <= 2 * (size + before.len()) / IN_BATCH + 1);
            let after: Vec<Decoded> = batches.into_iter().flatten().collect();
            assert_eq!(words(&after), before);
        }
    }
}
