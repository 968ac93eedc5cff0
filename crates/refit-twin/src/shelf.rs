//! Things by the number they got when they came: found at once, walked in the
//! order in which they came.

use std::marker::PhantomData;

/// A number that something got when it came.
pub(crate) trait Number: Copy {
    /// The number as a place on a shelf.
    fn place(self) -> usize;
    /// The number of a place.
    fn at(place: usize) -> Self;
}

/// Things by their numbers. A number is never used again, so what is gone leaves
/// a hole of one pointer.
#[derive(Clone, Debug)]
pub(crate) struct Shelf<N, T> {
    things: Vec<Option<Box<T>>>,
    count: usize,
    numbers: PhantomData<N>,
}

impl<N: Number, T> Shelf<N, T> {
    pub(crate) const fn new() -> Self {
        Self {
            things: Vec::new(),
            count: 0,
            numbers: PhantomData,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn get(&self, number: &N) -> Option<&T> {
        self.things.get(number.place())?.as_deref()
    }

    pub(crate) fn get_mut(&mut self, number: &N) -> Option<&mut T> {
        self.things.get_mut(number.place())?.as_deref_mut()
    }

    pub(crate) fn insert(&mut self, number: N, thing: T) {
        let place = number.place();
        if place >= self.things.len() {
            self.things.resize_with(place + 1, || None);
        }
        if let Some(slot) = self.things.get_mut(place)
            && slot.replace(Box::new(thing)).is_none()
        {
            self.count += 1;
        }
    }

    pub(crate) fn remove(&mut self, number: &N) -> Option<T> {
        let thing = self.things.get_mut(number.place())?.take()?;
        self.count -= 1;
        Some(*thing)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (N, &T)> {
        self.things
            .iter()
            .enumerate()
            .filter_map(|(place, thing)| Some((N::at(place), thing.as_deref()?)))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (N, &mut T)> {
        self.things
            .iter_mut()
            .enumerate()
            .filter_map(|(place, thing)| Some((N::at(place), thing.as_deref_mut()?)))
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = N> {
        self.iter().map(|(number, _)| number)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.things.iter().filter_map(Option::as_deref)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.things.iter_mut().filter_map(Option::as_deref_mut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::PodId;

    #[test]
    fn what_is_gone_leaves_the_others_in_order() {
        let mut shelf = Shelf::new();
        for number in [3, 1, 2] {
            shelf.insert(PodId(number), number * 10);
        }
        assert_eq!(shelf.remove(&PodId(2)), Some(20));
        assert_eq!(shelf.remove(&PodId(2)), None);
        assert_eq!(shelf.get(&PodId(9)), None);
        assert_eq!(shelf.len(), 2);
        let left: Vec<_> = shelf.iter().map(|(id, value)| (id.0, *value)).collect();
        assert_eq!(left, [(1, 10), (3, 30)]);
    }
}
