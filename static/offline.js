// Without a connection: a bar says so, and what is typed in fields with data-draft="key" stays in this browser, under
// the person's number, until it is sent, for a day at most. Logging out clears it.

const DAY_MS = 24 * 60 * 60 * 1000;
const TYPED_MS = 300;
const AWAY_MS = 30_000;
const PREFIX = `draft:${document.body.dataset.user}:`;
const SENT = "drafts:sent";
const bar = document.querySelector("#offline-bar");
const timers = new WeakMap();

const fields = (root = document) => [...root.querySelectorAll("textarea[data-draft]")];
const keyOf = (field) => PREFIX + field.dataset.draft;
const forget = (key) => localStorage.removeItem(key);

function forgetAll(isOver) {
  Object.keys(localStorage)
    .filter((key) => key.startsWith("draft:") && isOver(key))
    .forEach(forget);
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

const isOld = (key) => !(Date.now() - read(key)?.at < DAY_MS);

function save(field) {
  if (field.value.trim()) localStorage.setItem(keyOf(field), JSON.stringify({ text: field.value, at: Date.now() }));
  else forget(keyOf(field));
}

// A field that already holds something came so from the server: that stands.
function restore(field) {
  const draft = read(keyOf(field));
  if (!draft || field.dataset.restored || field.value.trim()) return;
  field.dataset.restored = "1";
  field.value = draft.text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const note = document.createElement("div");
  note.className = "form-text draft-note";
  note.setAttribute("role", "status");
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "btn-link";
  drop.textContent = bar.dataset.drop;
  drop.addEventListener("click", () => {
    field.value = "";
    forget(keyOf(field));
    note.remove();
    field.focus();
  });
  note.append(`${bar.dataset.restored} `, drop);
  field.after(note);
}

// Who was logged out meanwhile gets the login as the answer.
const isLogin = ({ responseURL }) => responseURL && new URL(responseURL).pathname === document.body.dataset.loginUrl;

// A form that htmx sent is done when the answer is neither an error, nor the form again, nor the login.
function settle({ detail }) {
  const form = detail.elt.closest?.("form");
  if (detail.requestConfig.verb === "get" || !form || !detail.successful || [409, 422].includes(detail.xhr.status)) return;
  if (isLogin(detail.xhr)) return;
  fields(form).forEach((field) => forget(keyOf(field)));
}

// A form sent as a page is done when the next page says that it worked: the next one, not that after a login.
function noteSent(event) {
  const keys = fields(event.target).map(keyOf);
  const sent = { keys, from: location.pathname };
  if (keys.length && !event.defaultPrevented) sessionStorage.setItem(SENT, JSON.stringify(sent));
}

function settleSent() {
  const { keys, from } = JSON.parse(sessionStorage.getItem(SENT)) ?? { keys: [] };
  sessionStorage.removeItem(SENT);
  const isNext = document.referrer && new URL(document.referrer).pathname === from;
  if (isNext && document.querySelector(".toasts > .toast-c:not(.bad)")) keys.forEach(forget);
}

function keepDrafts() {
  forgetAll(isOld);
  settleSent();
  fields().forEach(restore);
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("textarea[data-draft]")) return;
    clearTimeout(timers.get(target));
    timers.set(target, setTimeout(() => target.isConnected && save(target), TYPED_MS));
  });
  document.addEventListener("submit", noteSent);
  document.body.addEventListener("htmx:afterSettle", () => fields().forEach(restore));
  document.body.addEventListener("htmx:afterRequest", settle);
  document.addEventListener("submit", ({ target }) => {
    if (target.dataset.clearsBrowser !== undefined) forgetAll(() => true);
  });
}

function showConnection() {
  bar.hidden = navigator.onLine;
}

// Coming back to the program after a while: what the shell shows may have changed.
function tellReturn() {
  let left = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) left = Date.now();
    else if (navigator.onLine && Date.now() - left > AWAY_MS) document.body.dispatchEvent(new Event("returned"));
  });
}

if (bar) {
  showConnection();
  addEventListener("online", showConnection);
  addEventListener("offline", showConnection);
  tellReturn();
  keepDrafts();
}
navigator.serviceWorker?.register("/sw.js").catch(() => {});
