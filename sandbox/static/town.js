"use strict";
// Keeps the page current without losing what is being typed; without this script the forms still work.

const drafts = (part) => [...part.querySelectorAll("form.answer")]
  .map((form) => ({ about: form.elements[0].value, text: form.elements[1].value }))
  .filter((draft) => draft.text);

// False where a half-written answer has no place in the new part: then the old one stays.
const carryOver = (kept, part) => {
  const forms = [...part.querySelectorAll("form.answer")];
  return kept.every(({ about, text }) => {
    const form = forms.find((one) => one.elements[0].value === about);
    if (form) form.elements[1].value = text;
    return Boolean(form);
  });
};

const toBottom = (root) => {
  for (const list of root.querySelectorAll("[data-bottom]")) list.scrollTop = list.scrollHeight;
};

const seen = new Map();

const swap = (fresh) => {
  const part = document.getElementById(fresh.id);
  const html = fresh.innerHTML;
  if (!part || seen.get(fresh.id) === html || !carryOver(drafts(part), fresh)) return;
  const known = new Set([...part.querySelectorAll("details")].map((one) => one.id));
  const opened = new Set([...part.querySelectorAll("details[open]")].map((one) => one.id));
  const scrolls = [...part.querySelectorAll(".scroll")].map((one) => one.scrollTop);
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const kept = drafts(part);
  seen.set(fresh.id, html);
  part.innerHTML = html;
  carryOver(kept, part);
  for (const one of part.querySelectorAll("details")) {
    if (known.has(one.id)) one.open = opened.has(one.id);
  }
  [...part.querySelectorAll(".scroll")].forEach((one, at) => { one.scrollTop = scrolls[at] || 0; });
  if (focused?.name) part.querySelector(`input[name="${focused.name}"]:not([type=hidden])`)?.focus();
  toBottom(part);
};

const refresh = async () => {
  const answer = await fetch("/" + location.search);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.querySelectorAll("[data-live]").forEach(swap);
};

const notice = (text) => { document.getElementById("notice").textContent = text; };

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  notice(answer.type === "opaqueredirect" || answer.ok ? "" : `That did not work: ${await answer.text()}`);
  if (form.classList.contains("answer")) { form.reset(); document.activeElement.blur(); }
  await refresh();
});

const keep = async () => {
  try { await refresh(); } catch { notice("The sandbox is not answering. Is it still running?"); }
  setTimeout(keep, 1200);
};

for (const part of document.querySelectorAll("[data-live]")) seen.set(part.id, part.innerHTML);
toBottom(document);
setTimeout(keep, 1200);
