// Everything works without this file, a page at a time. With it, answers are added to the conversation.
"use strict";
const log = document.querySelector("main");
const ask = document.querySelector("#ask");
const field = document.querySelector("#text");
const words = document.body.dataset;
let busy = false;

// What a person typed is only ever put in as text, never as markup.
function say(text, kind, heading) {
  const article = document.createElement("article");
  article.className = kind;
  const title = document.createElement("h2");
  title.className = "hidden";
  title.textContent = heading;
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  article.append(title, paragraph);
  log.append(article);
  return article;
}

// Sends one field to the server and adds the message it answers with.
async function send(name, value, shown) {
  if (busy) return false;
  busy = true;
  const sender = ask.querySelector("button");
  sender.setAttribute("aria-busy", "true");
  log.querySelectorAll(".notice").forEach((notice) => notice.remove());
  const mine = say(shown, "you", words.you);
  try {
    const response = await fetch("talk", { method: "POST", body: new URLSearchParams({ [name]: value }) });
    if (!response.ok) throw new Error(response.statusText);
    const template = document.createElement("template");
    template.innerHTML = await response.text(); // made and escaped by our own server
    log.append(template.content);
    mine.scrollIntoView({ block: "start" });
    return true;
  } catch {
    mine.remove();
    say(words.offline, "notice", "").scrollIntoView({ block: "end" });
    return false;
  } finally {
    busy = false;
    sender.removeAttribute("aria-busy");
  }
}

ask.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  if (await send("text", text, text)) field.value = "";
  field.focus({ preventScroll: true });
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    ask.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest('button[name="do"]');
  if (!button || "reload" in button.dataset) return;
  event.preventDefault();
  send("do", button.value, button.textContent);
});
