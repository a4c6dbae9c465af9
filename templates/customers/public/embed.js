(() => {
  const address = new URL({{ address|safe }});
  const here = document.currentScript;
  for (const [name, value] of new URLSearchParams(location.search))
    if (name.startsWith("utm_")) address.searchParams.set(name, value);
  address.searchParams.set("embed", "1");
  address.searchParams.set("page", location.origin + location.pathname);
  if (document.referrer) address.searchParams.set("referrer", document.referrer);
  if (!address.searchParams.has("lang") && document.documentElement.lang)
    address.searchParams.set("lang", document.documentElement.lang.toLowerCase());
  const frame = document.createElement("iframe");
  frame.src = address;
  frame.title = {{ title|safe }};
  frame.width = "100%";
  frame.height = "640";
  frame.setAttribute("frameborder", "0");
  here.after(frame);
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== address.origin) return;
    const height = Number(data?.tenureHeight);
    if (height > 0 && height < 10000) frame.height = String(Math.ceil(height));
  });
})();
