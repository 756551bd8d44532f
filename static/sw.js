// Answers for pages without a connection. KEPT is put before this by carteira.offline: only files of the program
// and one page without data are kept; nothing that a person typed or read.

const isKept = (url) => KEPT.files.includes(url.pathname);

async function keep() {
  const cache = await caches.open(KEPT.name);
  // Without cookies: the page must not know who asks.
  await cache.addAll([...KEPT.files, KEPT.page].map((path) => new Request(path, { credentials: "omit" })));
  await self.skipWaiting();
}

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== KEPT.name).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(KEPT.page)));
  else if (isKept(url)) event.respondWith(fetch(request).catch(() => caches.match(url.pathname)));
});
