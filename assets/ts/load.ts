const loading = new Map<string, Promise<void>>();

/** Runs a classic script, once per address: it may come from a disk, where `fetch` does not. */
export function load(url: string): Promise<void> {
  const known = loading.get(url);
  if (known) return known;
  const loaded = new Promise<void>((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve();
    script.onerror = () => {
      loading.delete(url);
      script.remove();
      reject(new Error(`${url} cannot be loaded`));
    };
    document.head.append(script);
  });
  loading.set(url, loaded);
  return loaded;
}
