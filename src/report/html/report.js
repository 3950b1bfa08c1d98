'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const text = $('text'), area = $('area'), verdict = $('verdict'), differ = $('differ');
  const form = document.querySelector('.filters');
  const items = [...document.querySelectorAll('tr.item')].map((row) => {
    const body = row.classList.contains('req') ? row.nextElementSibling : null;
    const page = row.closest('tbody').querySelector('tr.page th');
    const words = [row.querySelector('th').textContent, body ? body.textContent : '', page ? page.textContent : ''];
    return {
      row, body, words: words.join(' ').toLowerCase(),
      areas: row.dataset.areas.split(' '), verdicts: row.dataset.verdicts.split(' '),
      differ: 'differ' in row.dataset,
    };
  });
  const requirements = items.filter((item) => item.body);
  const groups = [...document.querySelectorAll('#register > tbody')];

  // A detail is one row below the case's own; opened from a template, so that the page stays light.
  const close = (button) => {
    button.setAttribute('aria-expanded', 'false');
    button.detail?.remove();
    button.detail = null;
  };
  const toggleDetail = (button) => {
    const open = button.getAttribute('aria-expanded') === 'true';
    const row = button.closest('tr');
    if (open) { close(button); return; }
    const holder = document.createElement('tr');
    holder.className = 'holder';
    const cell = holder.insertCell();
    cell.colSpan = row.cells.length;
    cell.append($('detail-' + button.dataset.detail).content.cloneNode(true));
    row.after(holder);
    button.detail = holder;
    button.setAttribute('aria-expanded', 'true');
  };
  const setOpen = (row, open) => {
    row.querySelector('.open').setAttribute('aria-expanded', String(open));
    row.nextElementSibling.hidden = !open;
  };

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const fits = words.every((word) => item.words.includes(word))
        && (!area.value || item.areas.includes(area.value))
        && (!verdict.value || item.verdicts.includes(verdict.value))
        && (!differ?.checked || item.differ);
      item.row.hidden = !fits;
      if (item.body) {
        if (fits) shown += 1;
        item.body.hidden = !fits || item.row.querySelector('.open').getAttribute('aria-expanded') !== 'true';
      } else if (!fits) {
        item.row.querySelectorAll('[aria-expanded=true]').forEach(close);
      }
    }
    for (const group of groups) group.hidden = !group.querySelector('tr.item:not([hidden])');
    const look = $('look');
    if (look) look.hidden = !look.querySelector('tr.item:not([hidden])');
    $('shown').textContent = `${shown} of ${requirements.length} requirements`;
    $('nothing').hidden = items.some((item) => !item.row.hidden);
    for (const button of document.querySelectorAll('[data-choose]')) {
      button.setAttribute('aria-pressed', String(button.dataset.choose === verdict.value));
    }
    const state = new URLSearchParams();
    for (const [name, value] of [['text', text.value], ['area', area.value], ['verdict', verdict.value], ['differ', differ?.checked ? '1' : '']]) {
      if (value) state.set(name, value);
    }
    if (String(state) || location.hash.startsWith('#?')) {
      history.replaceState(null, '', String(state) ? '#?' + state : '#');
    }
  };

  // `#?verdict=fail` is a filter, `#area/words` a requirement.
  const arrive = () => {
    const hash = decodeURIComponent(location.hash.slice(1));
    if (hash.startsWith('?')) {
      const state = new URLSearchParams(hash.slice(1));
      text.value = state.get('text') ?? '';
      area.value = state.get('area') ?? '';
      verdict.value = state.get('verdict') ?? '';
      if (differ) differ.checked = state.has('differ');
      filter();
      return;
    }
    const row = hash && $(hash);
    if (!row || !row.classList.contains('req')) return;
    if (row.hidden) { form.reset(); filter(); }
    setOpen(row, true);
    row.scrollIntoView();
    row.querySelector('.open').focus({ preventScroll: true });
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.classList.contains('open')) setOpen(button.closest('tr'), button.getAttribute('aria-expanded') !== 'true');
    else if (button.dataset.detail) toggleDetail(button);
    else if (button.dataset.choose) {
      verdict.value = verdict.value === button.dataset.choose ? '' : button.dataset.choose;
      filter();
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')) {
      event.preventDefault();
      text.focus();
    } else if (event.key === 'Escape' && form.contains(document.activeElement)) {
      form.reset();
      filter();
    }
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', filter);
  form.addEventListener('reset', () => setTimeout(filter));
  addEventListener('hashchange', arrive);
  if (!location.hash.startsWith('#?')) filter();
  // The browser goes to the fragment by itself once the page is there; ours comes after that.
  addEventListener('load', () => setTimeout(arrive));
})();
