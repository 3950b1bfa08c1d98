//! What the page must do.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use libtest_mimic::Failed;
use tempfile::TempDir;

use crate::browser::Browser;

#[path = "../gate/small.rs"]
mod small;

/// Reports of the small library, of the changed one and of the reference, by one command line each.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let place = small::folder();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let library = |path: &Path| vec!["--lib".to_owned(), path.display().to_string()];
    let runs = [
        ("small", library(small::library())),
        ("changed", library(small::changed_library())),
        ("reference", Vec::new()),
    ];
    for (name, library) in runs {
        let status = Command::new(env!("CARGO_BIN_EXE_jetspec"))
            .args([
                "run",
                "mine/small",
                "registration/arguments",
                "--scenarios",
                "scenarios",
            ])
            .args([
                "--report",
                &format!("json={}", path(&format!("{name}.json"))),
            ])
            .args([
                "--report",
                &format!("html={}", path(&format!("{name}.html"))),
            ])
            .args(library)
            .current_dir(place.path())
            .output()
            .expect("jetspec starts")
            .status;
        assert!(
            status.code().is_some_and(|code| code < 2),
            "{name}: {status}"
        );
    }
    let both = [path("small.json"), path("changed.json")];
    let status = Command::new(env!("CARGO_BIN_EXE_jetspec"))
        .args(["report", &format!("html={}", path("both.html"))])
        .args(both)
        .status()
        .expect("jetspec starts");
    assert!(status.success());
    folder
});

fn opened(page: &str, fragment: &str) -> Result<Browser, Failed> {
    let mut browser = Browser::start(1280, 900)?;
    browser.open(&FOLDER.path().join(page), fragment)?;
    Ok(browser)
}

/// How many requirements are to be seen.
const SHOWN: &str = "document.querySelectorAll('#register tr.req:not([hidden])').length";
/// The id of the only requirement that is to be seen.
const ONLY: &str =
    "[...document.querySelectorAll('#register tr.req:not([hidden])')].map((row) => row.id).join()";

fn choose(browser: &mut Browser, control: &str, value: &str) -> Result<(), Failed> {
    browser.value(&format!(
        "(() => {{ const control = document.getElementById('{control}'); control.value = '{value}'; \
         control.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    ))?;
    Ok(())
}

pub fn filters() -> Result<(), Failed> {
    let mut browser = opened("small.html", "")?;
    let all = browser.value(SHOWN)?.as_u64().unwrap_or_default();
    if all < 1000 {
        return Err(format!("only {all} requirements are shown").into());
    }
    choose(&mut browser, "verdict", "fail")?;
    browser.is(ONLY, "instance/pointer-null")?;
    browser.is(
        "document.getElementById('shown').textContent",
        format!("1 of {all} requirements"),
    )?;
    choose(&mut browser, "area", "register")?;
    browser.is(SHOWN, 0)?;
    browser.is("document.getElementById('nothing').hidden", false)?;
    choose(&mut browser, "verdict", "")?;
    browser.is("[...document.querySelectorAll('#register tr.req:not([hidden])')].every((row) => row.id.startsWith('register/'))", true)?;
    // By keyboard: `/` goes to the text, Escape takes all filters back.
    browser.press("/")?;
    browser.is("document.activeElement.id", "text")?;
    browser.type_text("cbtyp zero")?;
    browser.is(
        "document.getElementById('register/cbtyp-zero').hidden",
        false,
    )?;
    browser.is(
        "document.getElementById('register/duplicate')?.hidden ?? true",
        true,
    )?;
    browser.press("Escape")?;
    browser.until(&format!("{SHOWN} === {all}"))?;
    // The numbers at the top filter, too.
    browser.value("document.querySelector('[data-choose=fail]').focus()")?;
    browser.press("Enter")?;
    browser.is(ONLY, "instance/pointer-null")?;
    browser.press(" ")?;
    browser.is(SHOWN, all)?;
    browser.is_content()
}

pub fn opens() -> Result<(), Failed> {
    let mut browser = opened("small.html", "")?;
    browser.value("document.querySelector('[id=\"instance/pointer-null\"] .open').focus()")?;
    browser.press("Enter")?;
    let body = "document.getElementById('instance/pointer-null').nextElementSibling";
    browser.is(&format!("{body}.hidden"), false)?;
    browser.is(
        &format!("{body}.textContent.includes('mine/small.yaml::fails')"),
        true,
    )?;
    browser.press("Tab")?;
    browser.is("document.activeElement.dataset.detail !== undefined", true)?;
    browser.press("Enter")?;
    browser.is(
        "document.activeElement.getAttribute('aria-expanded')",
        "true",
    )?;
    let pair = format!("{body}.querySelector('.pair.other')");
    browser.is(
        &format!("[...{pair}.children].map((side) => side.textContent.split(' -> ')[1]).join()"),
        "JET_errInvalidParameter,JET_errSuccess",
    )?;
    // Side by side, and not one below the other.
    browser.is(
        &format!("(() => {{ const [a, b] = [...{pair}.children].map((side) => side.getBoundingClientRect()); return a.top === b.top && a.right <= b.left; }})()"),
        true,
    )?;
    browser.is(&format!("{body}.textContent.includes('expected')"), true)?;
    browser.press("Enter")?;
    browser.is(&format!("{body}.querySelector('.pair') === null"), true)?;
    // A crash is among the cases to look at.
    browser.value("document.querySelector('#departures .v-crash').click()")?;
    browser.is(
        "document.querySelector('#departures .detail').textContent.includes('JetInit')",
        true,
    )?;
    browser.is_content()
}

pub fn compares() -> Result<(), Failed> {
    let mut browser = opened("both.html", "")?;
    browser.is("document.querySelectorAll('.run').length", 2)?;
    let cells = "[...document.getElementById('instance/pointer-null').cells].slice(1).map((cell) => cell.textContent).join()";
    browser.is(cells, "fail,pass")?;
    browser.value("document.getElementById('differ').click()")?;
    browser.is(
        "document.getElementById('instance/pointer-null').hidden",
        false,
    )?;
    browser.is("[...document.querySelectorAll('#register tr.req:not([hidden])')].every((row) => new Set([...row.cells].slice(1).map((cell) => cell.textContent)).size > 1)", true)?;
    browser.value("document.querySelector('[id=\"instance/pointer-null\"] .open').click()")?;
    let case = "document.getElementById('instance/pointer-null').nextElementSibling.querySelector('tr.case')";
    browser.is(
        &format!("[...{case}.cells].slice(1).map((cell) => cell.textContent).join()"),
        "fail,pass",
    )?;
    browser.is_content()
}

pub fn links() -> Result<(), Failed> {
    let mut browser = opened("small.html", "#instance/pointer-null")?;
    browser.is(
        "document.getElementById('instance/pointer-null').nextElementSibling.hidden",
        false,
    )?;
    browser.is(
        "document.activeElement.textContent",
        "instance/pointer-null",
    )?;
    choose(&mut browser, "verdict", "fail")?;
    browser.is("location.hash", "#?verdict=fail")?;
    browser.value("location.hash = '#register/cbtyp-zero'")?;
    browser.until("!document.getElementById('register/cbtyp-zero').hidden && document.activeElement.textContent === 'register/cbtyp-zero'")?;
    let path = FOLDER.path().join("small.html");
    browser.open(&path, "?again#?text=pointer-null&area=instance")?;
    browser.until(&format!("{ONLY} === 'instance/pointer-null'"))?;
    browser.is_content()
}

pub fn phone() -> Result<(), Failed> {
    let mut browser = Browser::start(360, 740)?;
    for page in ["both.html", "small.html"] {
        for scheme in ["light", "dark"] {
            browser.scheme(scheme)?;
            browser.open(
                &FOLDER.path().join(page),
                &format!("?{scheme}#instance/pointer-null"),
            )?;
            browser.value("document.querySelectorAll('#departures [data-detail]').forEach((button) => button.click())")?;
            browser.until(
                "!document.getElementById('instance/pointer-null').nextElementSibling.hidden",
            )?;
            browser.value("document.getElementById('instance/pointer-null').nextElementSibling.querySelector('[data-detail]').click()")?;
            browser.is(BROAD, "")?;
            browser.is("document.documentElement.scrollWidth <= 360", true)?;
            let bright = "(() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number); return (r + g + b) / 3 > 128; })()";
            browser.is(bright, scheme == "light")?;
            browser.is(CONTRAST, 0)?;
        }
    }
    browser.is_content()
}

/// What reaches out of a phone's screen, by itself or with its text.
const BROAD: &str = "[...document.querySelectorAll('body *')] \
    .filter((node) => !node.closest('.wide') && node.clientWidth) \
    .filter((node) => node.getBoundingClientRect().left + node.scrollWidth > 361) \
    .slice(-3).map((node) => node.outerHTML.slice(0, 160)).join('; ')";

/// How many texts stand out too little from their ground: below 4.5 to 1, as WCAG counts.
const CONTRAST: &str = "(() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll('.v, .says, .place, .open, .about, dt, dd, .pair > *, output, label')];
  return texts.filter((node) => node.offsetParent && node.textContent.trim()).filter((node) => {
    const [a, b] = [light(numbers(getComputedStyle(node).color)), light(ground(node))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
  }).length;
})()";

pub fn quiet() -> Result<(), Failed> {
    let mut browser = opened("reference.html", "")?;
    browser.is("document.getElementById('departures') === null", true)?;
    browser.is(
        "document.querySelector('.run').classList.contains('good')",
        true,
    )?;
    choose(&mut browser, "verdict", "pass")?;
    browser.is(
        "document.getElementById('register/cbtyp-zero').hidden",
        false,
    )?;
    browser.is_content()
}
