// Everything works without this file, a page at a time. With it, answers are added to the conversation.
"use strict";
const PATIENCE = 30000; // milliseconds: a line that is slower than this is as good as broken
const KEPT = 60; // messages, so that a long conversation stays light on a small phone
const log = document.querySelector("#log");
const ask = document.querySelector("#ask");
const field = document.querySelector("#text");
const words = document.body.dataset;
const OFTEN = 4000; // milliseconds between two looks for what staff have written
const SELDOM = 30000; // when nobody has written for long
let busy = false;
let pause = OFTEN;
let look = 0;

// The conversation outlives a reload, a change of language and a phone that is short of memory, but not the tab.
function keep() {
  while (log.children.length > KEPT) log.firstElementChild.remove();
  try {
    sessionStorage.setItem("conversation", log.innerHTML);
    return true;
  } catch {
    return false; // some browsers forbid it
  }
}

function recall() {
  let kept = null;
  try {
    kept = sessionStorage.getItem("conversation");
  } catch {}
  if (!kept) return;
  const visit = performance.getEntriesByType("navigation")[0] || {};
  const nothingNew = "greeting" in log.dataset || ["reload", "back_forward"].includes(visit.type);
  const fresh = [...log.querySelectorAll("[data-news]")];
  log.innerHTML = nothingNew ? kept : kept + log.innerHTML;
  // What staff have written meanwhile is told once: it must not get lost with the greeting around it.
  if (nothingNew) log.append(...fresh.filter((one) => !log.querySelector(`[data-news="${one.dataset.news}"]`)));
  const said = log.querySelectorAll(".you");
  ((nothingNew && said[said.length - 1]) || log.lastElementChild).scrollIntoView();
  keep();
}

// What a person typed is only ever put in as text, never as markup.
function say(text, kind, heading) {
  const article = document.createElement("article");
  article.className = kind;
  if (heading) {
    const title = document.createElement("h2");
    title.className = "hidden";
    title.textContent = heading;
    article.append(title);
  }
  const paragraph = document.createElement("p");
  paragraph.dir = "auto";
  paragraph.textContent = text;
  article.append(paragraph);
  log.append(article);
  article.scrollIntoView();
  return article;
}

// Sends one field to the server and adds the message it answers with; whether it has been answered well.
async function send(name, value, shown) {
  busy = true;
  log.setAttribute("aria-busy", "true");
  log.querySelectorAll(".notice").forEach((notice) => notice.remove());
  const mine = say(shown, "you", words.you);
  const patience = new AbortController();
  const alarm = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const body = new URLSearchParams({ [name]: value, zone: zone() });
    const response = await fetch("talk", { method: "POST", body, signal: patience.signal });
    if (response.redirected) {
      location.assign(response.url); // a file
      return true;
    }
    const template = document.createElement("template");
    template.innerHTML = await response.text(); // made and escaped by our own server
    const answer = template.content.querySelector("article.bot");
    if (!answer) throw new Error("somebody else answers: a proxy, or the log-in page of a hotel's network");
    if (response.headers.has("rohnamo-forgotten")) log.replaceChildren();
    log.append(answer);
    (mine.isConnected ? mine : answer).scrollIntoView();
    wait(response);
    const language = response.headers.get("content-language");
    if (response.ok && keep() && language && language !== document.documentElement.lang) location.replace(".");
    return response.ok;
  } catch {
    mine.remove();
    say(words.offline, "notice", "");
    return false;
  } finally {
    clearTimeout(alarm);
    busy = false;
    log.removeAttribute("aria-busy");
  }
}

function zone() {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  } catch {
    return "";
  }
}

// While a person may answer, look for what they have written; ever less often as long as nothing comes.
function wait(response, nothing = false) {
  clearTimeout(look);
  look = 0;
  pause = nothing ? Math.min(pause * 1.2, SELDOM) : OFTEN;
  if (response.headers.has("rohnamo-waiting")) look = setTimeout(news, pause);
}

async function news() {
  const seen = [...log.querySelectorAll("[data-news]")].map((one) => Number(one.dataset.news));
  try {
    const response = await fetch(`news?after=${Math.max(0, ...seen)}`);
    const template = document.createElement("template");
    template.innerHTML = response.ok ? await response.text() : ""; // made and escaped by our own server
    const fresh = [...template.content.querySelectorAll("article[data-news]")].filter(
      (one) => !seen.includes(Number(one.dataset.news)),
    );
    log.append(...fresh);
    if (fresh.length) {
      fresh[0].scrollIntoView();
      keep();
    }
    wait(response, fresh.length === 0);
  } catch {
    look = setTimeout(news, SELDOM); // no connection: later
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && (look || log.querySelector("[data-news]"))) news();
});

ask.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || busy) return;
  field.value = "";
  // On a phone the keyboard would cover the answer.
  if (matchMedia("(pointer: coarse)").matches) field.blur();
  else field.focus({ preventScroll: true });
  if (!(await send("text", text, text))) field.value = [text, field.value].filter(Boolean).join("\n");
});

field.addEventListener("keydown", (event) => {
  // Enter also ends the choice of Chinese characters; Safari tells that by the number alone.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  if (field.value.trim()) ask.querySelector("button").click();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest('button[name="do"]');
  if (!button) return;
  event.preventDefault();
  if (!busy) send("do", button.value, button.textContent);
});

recall();
if ("waiting" in words) look = setTimeout(news, OFTEN);
