//! `jetspec fuzz --plant`: whether a campaign finds the defects that somebody plants in a copy of the
//! reference.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use jetspec::fuzz::{Bench, Campaign, Found};
use jetspec::generate::bytes_of_seed;
use jetspec::host::{Source, interrupt};
use jetspec::model::rules;
use jetspec::scenario::plan::Profile;
use jetspec::spec::Register;

use super::arguments::FuzzArguments;
use super::console::Console;
use super::error::CliError;
use super::folder::Suite;

/// Switches off a rule in a copy of the reference, and another, and runs a campaign against each
/// copy until something is found or the time is up. Exit code 1 if something was missed.
pub fn plant(campaign: &Campaign, count: usize, arguments: &FuzzArguments) -> Result<u8, CliError> {
    let ids = sample(candidates(campaign.profile)?, count, campaign.seed);
    // Each line is told when it is known: the whole takes long.
    writeln!(
        Console::new(),
        "{} rules, seed {}, {} s for each",
        ids.len(),
        campaign.seed,
        campaign.time.as_secs()
    )?;
    let mut found = Vec::new();
    for id in &ids {
        let planted = Campaign {
            library: Some(Source::Linked),
            rules_off: vec![id.clone()],
            findings: 1,
            careful: true,
            ..campaign.clone()
        };
        let (first, programs) = find(planted)?;
        match first {
            Some(first) => {
                writeln!(Console::new(), "found   {id}: {}", line(&first))?;
                super::fuzz::save(&first, &arguments.findings.join(id.replace('/', "-")))?;
                found.push(first);
            }
            None => writeln!(Console::new(), "missed  {id}: {programs} programs")?,
        }
    }
    writeln!(Console::new(), "{}", summary(&found, ids.len()))?;
    Ok(u8::from(found.len() < ids.len()))
}

/// Runs a campaign until it finds something that is gone without the defect, or its time is up; with
/// how many programs it ran.
fn find(mut campaign: Campaign) -> Result<(Option<Found>, u64), CliError> {
    let until = Instant::now() + campaign.time;
    let mut programs = 0;
    loop {
        let outcome = campaign.run(&interrupt::asked, &mut |_| {})?;
        if interrupt::asked() {
            return Err(CliError::Interrupted);
        }
        programs += outcome.tally.programs;
        // What the reference itself breaks would be found without any defect.
        let mut found = outcome.found.into_iter();
        let first = found.find(|found| found.broken.of_library);
        let left = until.saturating_duration_since(Instant::now());
        match first {
            Some(first) if is_of_the_defect(campaign.profile, &first) => {
                return Ok((Some(first), programs));
            }
            Some(_) if !left.is_zero() => {
                // It goes on elsewhere.
                campaign.seed = campaign.seed.wrapping_add(1);
                campaign.time = left;
            }
            _ => return Ok((None, programs)),
        }
    }
}

/// Whether what was found is gone without the defect.
fn is_of_the_defect(profile: Profile, found: &Found) -> bool {
    let sound = || -> Option<bool> {
        let register = Arc::new(Register::embedded().ok()?);
        let mut bench = Bench::hosted(register, profile, Some(&Source::Linked), &[]).ok()?;
        let run = bench.run(&found.program)?;
        Some(!run.broken.iter().any(|broken| broken.of_library))
    };
    sound().unwrap_or(false)
}

fn line(found: &Found) -> String {
    let begun = match found.is_known {
        true => "a case of the suite",
        false => "a program of its own",
    };
    format!(
        "after {:.1} s, {begun}; {} steps beyond the fixture; {}",
        found.after.as_secs_f64(),
        found.program.size(),
        found.broken.what
    )
}

fn summary(found: &[Found], count: usize) -> String {
    let mut steps: Vec<usize> = found.iter().map(|found| found.program.size()).collect();
    steps.sort_unstable();
    let median = steps.get(steps.len() / 2).copied().unwrap_or_default();
    let own = found.iter().filter(|found| !found.is_known).count();
    format!(
        "{} of {count} found, {own} of them by programs that are no case of the suite; {median} steps \
         beyond the fixture in the median",
        found.len()
    )
}

/// The rules whose defect can be seen in what calls do: those that a case covers.
fn candidates(profile: Profile) -> Result<Vec<String>, CliError> {
    let register = Register::embedded()?;
    let cases = Suite::find(None)?.cases()?;
    let cases = cases.iter().filter(|case| case.profiles.contains(&profile));
    let covered: BTreeSet<&String> = cases.flat_map(|case| &case.covers).collect();
    let testable = |id: &str| {
        register
            .get(id)
            .is_some_and(|record| record.untestable.is_none())
    };
    let rules: BTreeSet<&str> = rules::all().map(rules::Rule::id).collect();
    let wanted = covered
        .into_iter()
        .filter(|id| rules.contains(id.as_str()) && testable(id));
    Ok(wanted.cloned().collect())
}

/// So many of them, as the seed decides.
fn sample(mut ids: Vec<String>, count: usize, seed: u64) -> Vec<String> {
    let bytes = bytes_of_seed(seed, 0, ids.len() * 8);
    let (draws, _) = bytes.as_chunks::<8>();
    for (index, draw) in draws.iter().enumerate() {
        let left = ids.len() - index;
        let other = index + (u64::from_le_bytes(*draw) % left as u64) as usize;
        ids.swap(index, other);
    }
    ids.truncate(count);
    ids
}
