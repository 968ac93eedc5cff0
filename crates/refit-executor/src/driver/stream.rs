//! Deciding and recording: one decision is recorded whole, behind everything
//! that it was made from, or it is made again.

use super::{Driver, Need, RunError};
use crate::decide::{Command, Decision, Input, decide};
use crate::event::RunEvent;
use crate::ports::{AppendError, Clock, Guard, Journal, World, kept};
use refit_model::event::{NewEvent, Recorded};

impl<W: World, J: Journal, C: Clock> Driver<'_, W, J, C> {
    /// Decides what `input` means, records it, and returns what is to be done.
    pub(super) async fn record(&mut self, input: &Input) -> Result<Vec<Command>, RunError> {
        loop {
            // As the journal will give it back.
            let now = kept(self.ports.clock.now());
            let decision = decide(&self.steps, &self.state, &self.looks, input, now)
                .map_err(RunError::Decide)?;
            if decision.events.is_empty() {
                self.looks.take_in(decision.looks);
                return Ok(decision.commands);
            }
            let sends = decision
                .commands
                .iter()
                .any(|command| matches!(command, Command::Send { .. }));
            let need = if sends { Need::ToSend } else { Need::ToRecord };
            self.tenure.keep(self.ports, need).await?;
            let Decision {
                events,
                commands,
                looks,
            } = decision;
            if self.append(now, events).await? {
                self.looks.take_in(looks);
                return Ok(commands);
            }
            // A person came first: what they said may change the decision.
            self.catch_up().await?;
        }
    }

    /// Appends `events`; false when the stream has grown in the meantime.
    async fn append(
        &mut self,
        now: jiff::Timestamp,
        events: Vec<RunEvent>,
    ) -> Result<bool, RunError> {
        let mut written = Vec::with_capacity(events.len());
        for event in &events {
            written.push(NewEvent {
                at: now,
                actor: self.options.actor.clone(),
                body: serde_json::to_value(event).map_err(RunError::Write)?,
            });
        }
        let before = self.state.seq();
        let appended = self
            .ports
            .journal
            .append(
                &self.stream,
                before,
                Guard::Held(self.tenure.lease()),
                &written,
            )
            .await;
        match appended {
            Ok(_) => {}
            Err(AppendError::Conflict { .. }) => return Ok(false),
            Err(AppendError::Fenced { .. }) => return Err(self.tenure.fenced()),
            // The answer was lost, and with it whether the events are there.
            // Nobody else writes such events under this lease: if they stand
            // where they would, they are ours.
            Err(error @ AppendError::Storage { .. }) => {
                let there = self.ports.journal.read(&self.stream, before).await;
                let ours = there.is_ok_and(|there| {
                    there.len() >= written.len()
                        && there
                            .iter()
                            .zip(&written)
                            .all(|(there, ours)| there.event == *ours)
                });
                if !ours {
                    return Err(RunError::Append(error));
                }
            }
        }
        for ((event, written), seq) in events
            .into_iter()
            .zip(written)
            .zip(before.saturating_add(1)..)
        {
            self.state.took(now, &event, seq);
            self.keep_event(Recorded {
                stream: self.stream.clone(),
                seq,
                event: written,
            });
        }
        Ok(true)
    }

    /// Takes in what others recorded; says whether there was anything.
    pub(super) async fn catch_up(&mut self) -> Result<bool, RunError> {
        let more = self
            .ports
            .journal
            .read(&self.stream, self.state.seq())
            .await
            .map_err(RunError::Read)?;
        let any = !more.is_empty();
        for recorded in more {
            drop(self.state.take_in(&recorded).map_err(RunError::Event)?);
            self.keep_event(recorded);
        }
        Ok(any)
    }

    fn keep_event(&mut self, recorded: Recorded) {
        (self.watch)(&recorded);
        self.events.push(recorded);
    }
}
