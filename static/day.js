// Meu dia: how many contacts are open stands in the menu of every page, and reasons are told by keyboard and touch too.

const OPEN = "day-open";

function showOpenContacts() {
  const day = document.querySelector("#agenda[data-day-open]");
  if (day) sessionStorage.setItem(OPEN, day.dataset.dayOpen);
  const entry = document.querySelector('.nav-a[data-go="d"]');
  const open = Number(sessionStorage.getItem(OPEN));
  if (!entry) return;
  entry.querySelector(".ct")?.remove();
  if (open) entry.append(Object.assign(document.createElement("span"), { className: "ct", textContent: open }));
}

let hint = null;

function tellReason({ target }) {
  hint?.remove();
  hint = null;
  if (!target.matches?.(".why-b:focus-visible, .why-b:focus")) return;
  const at = target.getBoundingClientRect();
  hint = document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip" }));
  hint.textContent = target.dataset.tip;
  hint.style.left = `${Math.max(8, Math.min(at.left, innerWidth - hint.offsetWidth - 8))}px`;
  const below = at.bottom + 6 + hint.offsetHeight <= innerHeight;
  hint.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - 6 - hint.offsetHeight)}px`;
}

document.addEventListener("focusin", tellReason);
document.addEventListener("focusout", tellReason);
document.addEventListener("keydown", (event) => event.key === "Escape" && tellReason({ target: document }));
document.body.addEventListener("htmx:afterSettle", showOpenContacts);
showOpenContacts();
