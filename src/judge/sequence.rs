//! Which expected event each event is, where one expectation may stand for several of them.

use super::matching::output;
use crate::run::trace::{Event, EventThread, Name, Value};
use crate::scenario::plan::{Course, EventExpectation, Step, Times};

/// The arguments that tell one kind of event from another: what fires for another reason, or tells
/// of another operation, is another event and not one with a wrong argument.
pub(super) const REASONS: [&str; 3] = ["cbtyp", "snp", "snt"];

/// For each event the expectation that it keeps, by position, so that every expectation is kept as
/// often as it says; `None` where that is not possible. An expectation takes as many as it can.
pub(super) fn assign(
    wanted: &[EventExpectation],
    events: &[Event],
    is: impl Fn(&EventExpectation, &Event) -> bool,
) -> Option<Vec<usize>> {
    let (free, ordered): (Vec<usize>, Vec<usize>) =
        (0..wanted.len()).partition(|item| wanted[*item].times == Times::Anywhere);
    let mut places = vec![0; events.len()];
    let mut rest = Vec::new();
    for (number, event) in events.iter().enumerate() {
        match free.iter().find(|item| is(&wanted[**item], event)) {
            Some(item) => places[number] = *item,
            None => rest.push(number),
        }
    }
    let table = Table::new(&ordered, &rest, wanted, |item, event| {
        is(&wanted[ordered[item]], &events[rest[event]])
    });
    for (event, item) in table.walk()?.into_iter().enumerate() {
        places[rest[event]] = ordered[item];
    }
    Some(places)
}

/// How often an expectation takes an event, at least and (if it ends) at most.
fn bounds(times: Times) -> (usize, Option<usize>) {
    match times {
        Times::Exactly(count) => (count as usize, Some(count as usize)),
        Times::Some => (1, None),
        Times::Any | Times::Anywhere => (0, None),
    }
}

/// What is known of each expectation and each event on from which it may take.
struct Table {
    /// How often each expectation takes an event.
    bounds: Vec<(usize, Option<usize>)>,
    /// How many events in a row an expectation could take, from each event on.
    runs: Vec<Vec<usize>>,
    /// Whether the expectations from this one on can take the events from that one on, all of them.
    fits: Vec<Vec<bool>>,
}

impl Table {
    fn new(
        ordered: &[usize],
        rest: &[usize],
        wanted: &[EventExpectation],
        is: impl Fn(usize, usize) -> bool,
    ) -> Table {
        let (items, events) = (ordered.len(), rest.len());
        let mut table = Table {
            bounds: ordered
                .iter()
                .map(|item| bounds(wanted[*item].times))
                .collect(),
            runs: vec![vec![0; events + 1]; items],
            fits: vec![vec![false; events + 1]; items + 1],
        };
        table.fits[items][events] = true;
        for item in (0..items).rev() {
            for event in (0..events).rev() {
                if is(item, event) {
                    table.runs[item][event] = table.runs[item][event + 1] + 1;
                }
            }
            table.fill(item, events);
        }
        table
    }

    /// From the last event on, so that what follows is known.
    fn fill(&mut self, item: usize, events: usize) {
        let (least, most) = self.bounds[item];
        // Whether the expectation, having taken enough, can stop here or later.
        let mut stops = false;
        for event in (0..=events).rev() {
            let run = self.runs[item][event];
            let here = self.fits[item + 1][event];
            let later = run > 0 && stops;
            self.fits[item][event] = match most {
                Some(count) => run >= count && self.fits[item + 1][event + count],
                None if least == 0 => here || later,
                None => later,
            };
            stops = here || later;
        }
    }

    /// The expectation of each event.
    fn walk(&self) -> Option<Vec<usize>> {
        let mut places = Vec::new();
        if !*self.fits.first()?.first()? {
            return None;
        }
        for (item, (least, most)) in self.bounds.iter().enumerate() {
            let from = places.len();
            let run = self.runs[item][from];
            let most = most.unwrap_or(run).min(run);
            let taken = (*least..=most)
                .rev()
                .find(|taken| self.fits[item + 1][from + taken])?;
            places.resize(from + taken, item);
        }
        Some(places)
    }
}

/// A number of an event that does not run its course: what it had to be, in words.
pub(super) fn off_course(
    course: Course,
    path: &str,
    event: &Event,
    before: Option<&Event>,
) -> Option<String> {
    let number = |event: &Event, path: &str| match output(&event.arguments, path) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    };
    let earlier = before.and_then(|before| number(before, path));
    let total = path
        .rsplit_once('.')
        .and_then(|(owner, _)| number(event, &format!("{owner}.cunitTotal")));
    let own = number(event, path);
    let within = |own| total.is_none_or(|total| own <= total);
    let kept = |own| match course {
        Course::Climbs => earlier.is_none_or(|earlier| own >= earlier) && within(own),
        Course::Rises => earlier.is_none_or(|earlier| own > earlier) && within(own),
        Course::Stays => earlier.is_none_or(|earlier| own == earlier),
    };
    if own.is_some_and(kept) {
        return None;
    }
    let bound = |word: &str, number: Option<i64>| number.map(|number| format!("{word} {number}"));
    let parts = match course {
        Course::Climbs => [bound("not less than", earlier), bound("not above", total)],
        Course::Rises => [bound("more than", earlier), bound("not above", total)],
        Course::Stays => [bound("still", earlier), None],
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(match parts.is_empty() {
        true => "a number".to_owned(),
        false => parts.join(" and "),
    })
}

/// Whether an event comes on the thread that is expected, if one is.
pub(super) fn on_thread(wanted: &EventExpectation, event: &Event, step: &Step) -> bool {
    let same = event.thread == EventThread::Plan(step.thread);
    wanted.same_thread.is_none_or(|wanted| wanted == same)
}

/// Whether an event is a progress notification of that callback.
pub(super) fn is_progress(event: &Event, like: &Event) -> bool {
    let kind = event.arguments.iter().find(|(name, _)| **name == *"snt");
    let progress = |(_, value): &(Name, Value)| *value == Value::Number(0);
    event.callback == like.callback && kind.is_some_and(progress)
}

#[cfg(test)]
mod tests {
    use super::super::example::{event, wanted};
    use super::*;
    use crate::scenario::plan::Expected;

    fn item(cbtyp: u64, times: Times) -> EventExpectation {
        EventExpectation {
            times,
            ..wanted(cbtyp)
        }
    }

    fn is(wanted: &EventExpectation, event: &Event) -> bool {
        let Some(Value::Number(seen)) = output(&event.arguments, "cbtyp") else {
            return false;
        };
        wanted.arguments[0].1 == Expected::Number(*seen as u64)
    }

    fn assigned(items: &[(u64, Times)], events: &[i64]) -> Option<Vec<usize>> {
        let wanted: Vec<_> = items
            .iter()
            .map(|(cbtyp, times)| item(*cbtyp, *times))
            .collect();
        let events: Vec<_> = events.iter().map(|cbtyp| event(*cbtyp)).collect();
        assign(&wanted, &events, is)
    }

    const ONCE: Times = Times::Exactly(1);

    #[test]
    fn one_event_for_each_expectation_in_order() {
        assert_eq!(assigned(&[(1, ONCE), (2, ONCE)], &[1, 2]), Some(vec![0, 1]));
        assert_eq!(assigned(&[(1, ONCE), (2, ONCE)], &[2, 1]), None);
        assert_eq!(assigned(&[(1, ONCE)], &[1, 1]), None);
        assert_eq!(assigned(&[(1, ONCE)], &[]), None);
        assert_eq!(assigned(&[], &[]), Some(vec![]));
        assert_eq!(assigned(&[], &[1]), None);
    }

    #[test]
    fn some_is_one_or_more_and_any_may_be_none() {
        let some = [(5, ONCE), (1, Times::Some), (6, ONCE)];
        assert_eq!(assigned(&some, &[5, 1, 1, 1, 6]), Some(vec![0, 1, 1, 1, 2]));
        assert_eq!(assigned(&some, &[5, 6]), None);
        let any = [(5, ONCE), (1, Times::Any), (6, ONCE)];
        assert_eq!(assigned(&any, &[5, 6]), Some(vec![0, 2]));
        assert_eq!(assigned(&any, &[5, 1, 2, 6]), None);
        assert_eq!(
            assigned(&[(1, Times::Exactly(3))], &[1, 1, 1]),
            Some(vec![0; 3])
        );
        assert_eq!(assigned(&[(1, Times::Exactly(3))], &[1, 1]), None);
    }

    #[test]
    fn an_expectation_leaves_to_the_next_what_that_needs() {
        let two = [(1, Times::Some), (1, ONCE)];
        assert_eq!(assigned(&two, &[1, 1, 1]), Some(vec![0, 0, 1]));
        assert_eq!(assigned(&two, &[1]), None);
        let three = [(1, Times::Any), (1, Times::Exactly(2)), (1, Times::Any)];
        assert_eq!(assigned(&three, &[1, 1]), Some(vec![1, 1]));
        assert_eq!(assigned(&three, &[1, 1, 1, 1]), Some(vec![0, 0, 1, 1]));
    }

    #[test]
    fn what_may_come_anywhere_is_set_aside() {
        let items = [(9, Times::Anywhere), (5, ONCE), (1, Times::Some), (6, ONCE)];
        let events = [9, 5, 1, 9, 9, 1, 6, 9];
        assert_eq!(
            assigned(&items, &events),
            Some(vec![0, 1, 2, 0, 0, 2, 3, 0])
        );
    }

    #[test]
    fn long_sequences_take_linear_time() {
        let mut events = vec![1; 200_000];
        events.push(6);
        let items = [(1, Times::Any), (1, Times::Some), (6, ONCE)];
        assert!(assigned(&items, &events).is_some());
    }
}
