// The service worker makes Tenure installable; without one nothing is missing.
if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register("/service-worker.js").catch(() => {});
