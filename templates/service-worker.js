{% load static %}// Keeps one page for when the server cannot be reached, and what that page is drawn with. Nothing else is ever
// kept: pages hold a company's records, and those stay on the server.

const NAME = "offline-1";
const PAGE = "{% url "offline" %}";
const DRAWN_WITH = ["{% static "css/tokens.css" %}", "{% static "css/plain.css" %}", "{% static "js/theme.js" %}", "{% static "favicon.svg" %}"];

const keep = async () => {
  const cache = await caches.open(NAME);
  await cache.addAll([PAGE, ...DRAWN_WITH].map((url) => new Request(url, { credentials: "omit", cache: "reload" })));
  await self.skipWaiting();
};

const forgetOlder = async () => {
  for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
  await self.clients.claim();
};

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(forgetOlder()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const kept = request.mode === "navigate" ? PAGE : DRAWN_WITH.find((url) => new URL(url, location).href === request.url);
  if (request.method !== "GET" || !kept) return;
  event.respondWith(fetch(request).catch(() => caches.match(kept)));
});
