// The composer on a client's page: a note is sent to another address than a contact, Ctrl Enter sends, and what was
// written down makes room for the next.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const composer = () => one("form[data-composer]");
const isNote = (form) => one('[name="channel"]:checked', form)?.value === "note";

// The words that stand in the markup are those of a contact; a note brings its own.
function word(element, name, change) {
  element.dataset.own ??= change(element);
  change(element, isNote(element.form) ? element.dataset[name] : element.dataset.own);
}

function placeholder(field, text) {
  if (text !== undefined) field.placeholder = text;
  return field.placeholder;
}

function label(button, text) {
  if (text !== undefined) button.textContent = text;
  return button.textContent;
}

function fit(form) {
  const note = isNote(form);
  const field = one("textarea", form);
  field.name = note ? "text" : "note";
  word(field, "notePlaceholder", placeholder);
  word(one("[type=submit]", form), "noteLabel", label);
  if (note) field.dataset.mentions = form.dataset.mentionsUrl;
  else delete field.dataset.mentions;
  all("select, .on-pick", form).forEach((part) => (part.hidden = note));
  all("select", form).forEach((part) => (part.disabled = note));
  const outcome = one("[name=outcome]", form);
  if (outcome.selectedOptions[0]?.hidden) outcome.value = "";
}

function start() {
  const form = composer();
  if (!form || form.dataset.started) return;
  form.dataset.started = "1";
  all("[data-with-js]", form).forEach((part) => (part.hidden = false));
  all("[data-without-js]", form).forEach((part) => part.remove());
  fit(form);
}

// Only what was sent from here empties it; a dialog that asks for more keeps the words until it is done.
let sent = false;

async function renew() {
  if (!sent || !composer()) return;
  sent = false;
  const form = composer();
  one("textarea", form).value = "";
  one("textarea", form).dispatchEvent(new Event("input", { bubbles: true }));
  await htmx.ajax("GET", form.dataset.composer, { target: form, swap: "outerHTML" });
}

document.addEventListener("change", ({ target }) => target.form?.matches("[data-composer]") && fit(target.form));
document.addEventListener("keydown", (event) => {
  const form = event.target.form;
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !form?.matches("[data-composer]")) return;
  event.preventDefault();
  form.requestSubmit();
});
document.body.addEventListener("htmx:configRequest", ({ detail, target }) => {
  if (!target.matches("[data-composer]") || detail.verb !== "post") return;
  sent = true;
  if (!isNote(target)) return;
  detail.path = target.dataset.noteUrl;
  // The address of notes takes nothing of a contact.
  ["channel", "next_date", "next_time"].forEach((name) => detail.formData.delete(name));
});
["contact-logged", "note-created"].forEach((name) => document.body.addEventListener(name, renew));
// What failed, or was called off in the dialog, is not sent: words of another contact must not empty the field.
document.body.addEventListener("htmx:afterRequest", ({ detail, target }) => {
  if (target.matches?.("[data-composer]") && detail.xhr.status !== 422) sent = false;
});
document.addEventListener("close", () => (sent = false), true);
document.body.addEventListener("htmx:afterSettle", start);
start();
