"use strict";
// Sends a report again until it has arrived. Without this script the form works as any form does.
const PAUSES = [1, 2, 4, 8, 15, 30, 60];

async function send(form, button, say) {
  const body = new FormData(form);
  body.set("report", button.value);
  for (let n = 0; ; n += 1) {
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "follow" });
      if (answer.status < 500) return answer;
    } catch {
      // no signal: the same form with the same key goes again
    }
    const pause = PAUSES[Math.min(n, PAUSES.length - 1)];
    say(form.dataset.noSignal.replace("%s", pause));
    await new Promise((done) => setTimeout(done, pause * 1000));
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!event.submitter) return;
  event.preventDefault();
  const line = form.querySelector(".progress");
  const say = (words) => { line.textContent = words; };
  const buttons = [...form.querySelectorAll("button")];
  buttons.forEach((one) => { one.disabled = true; });
  say(form.dataset.sending);
  const answer = await send(form, event.submitter, say);
  buttons.forEach((one) => { one.disabled = false; });
  if (answer.ok) {
    window.location.assign(answer.url);
  } else {
    say(answer.status === 413 ? form.dataset.tooLarge : form.dataset.notTaken);
  }
});
