// Contacts: on the way back from a call the log opens by itself; outcomes follow the channel; @ offers colleagues.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- Two taps: the address of the dialog (ids only) waits in this tab until the person is back -----------

const KEY = "contact";
const FRESH_MS = 3 * 60 * 60 * 1000;

function remember(event) {
  const link = event.target.closest("a[data-contact]");
  if (link) sessionStorage.setItem(KEY, JSON.stringify({ url: link.dataset.contact, at: Date.now() }));
}

function waiting() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept && Date.now() - kept.at < FRESH_MS ? kept.url : null;
  } catch {
    return null;
  }
}

const holds = (dialog, url) => all("a[data-contact]", dialog).some((link) => link.dataset.contact === url);

// Once; never over a dialog in which something may have been typed, unless the words that went out are all it holds.
function ask() {
  const url = waiting();
  if (!url || document.visibilityState !== "visible" || !one("#dialog-slot")) return;
  if (all("dialog[open]").some((dialog) => !holds(dialog, url))) return;
  sessionStorage.removeItem(KEY);
  htmx.ajax("GET", url, "#dialog-slot");
}

function startReturn() {
  let away = false;
  document.addEventListener("click", remember);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? ask() : (away = true)));
  // A telephone program may take the focus without hiding the page.
  addEventListener("blur", () => (away = true));
  addEventListener("focus", () => away && ask());
  addEventListener("pageshow", ask);
  document.body.addEventListener("contact-logged", () => sessionStorage.removeItem(KEY));
}

// --- The log: only what fits the channel; day and hour where they are asked for --------------------------

function fitChannel(form) {
  const channel = one('[name="channel"]:checked', form)?.value;
  all("[data-channels]", form).forEach((part) => {
    const { channels } = part.dataset;
    part.hidden = Boolean(channels) && !channels.split(" ").includes(channel);
  });
  all(".outcome-group", form).forEach((group) => {
    group.hidden = all(".outcomes > [data-channels]", group).every((part) => part.hidden);
  });
  const picked = one(".picked", form);
  if (picked) picked.hidden = !one("[data-picks]:checked", form);
}

function startLog() {
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-log]");
    if (form) fitChannel(form);
  });
  const fit = () => all("form[data-log]").forEach(fitChannel);
  document.body.addEventListener("htmx:afterSwap", fit);
  fit();
}

// --- Mentions ---------------------------------------------------------------------------------------------

const CALLED = /(?:^|[^\w.])@([\p{L}]{1,40}(?: [\p{L}]{1,40})?)$/u;
const before = (field) => field.value.slice(0, field.selectionStart);

function listOf(field) {
  const next = field.nextElementSibling;
  if (next?.matches(".mentions")) return next;
  const list = document.createElement("div");
  list.className = "mentions";
  list.setAttribute("aria-live", "polite");
  field.after(list);
  return list;
}

function offer(field) {
  const called = CALLED.exec(before(field));
  const list = listOf(field);
  if (!called) return list.replaceChildren();
  htmx.ajax("GET", `${field.dataset.mentions}?q=${encodeURIComponent(called[1])}`, { target: list, swap: "innerHTML" });
}

function take(button) {
  const list = button.closest(".mentions");
  const field = list?.previousElementSibling;
  if (!field) return;
  const start = before(field).lastIndexOf("@");
  field.setRangeText(`@${button.dataset.mention} `, start, field.selectionStart, "end");
  list.replaceChildren();
  field.focus();
}

function startMentions() {
  let pause;
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("[data-mentions]")) return;
    clearTimeout(pause);
    pause = setTimeout(() => offer(target), 200);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mention]");
    if (button) take(button);
  });
}

startReturn();
startLog();
startMentions();
