/** Has the browser forget all that it keeps for this origin; each part whatever becomes of the others. */
export async function wipe(): Promise<void> {
  localStorage.clear();
  sessionStorage.clear();
  await Promise.allSettled([wipeDatabases(), wipeCaches(), wipeFiles(), wipeCookies(), wipeWorkers()]);
}

async function wipeDatabases(): Promise<void> {
  const found = await indexedDB.databases();
  await Promise.all(found.flatMap(({ name }) => (name === undefined ? [] : [deleted(name)])));
}

function deleted(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = () => {
      resolve();
    };
  });
}

async function wipeCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function wipeFiles(): Promise<void> {
  const folder = await navigator.storage.getDirectory();
  for await (const name of folder.keys()) await folder.removeEntry(name, { recursive: true });
}

/** Sites' own cookies are never the browser's; a page that tries hard can make it keep some all the same, for any name above its own. */
async function wipeCookies(): Promise<void> {
  const names = (await cookieStore.getAll()).flatMap(({ name }) => (name === undefined ? [] : [name]));
  const parts = location.hostname.split(".");
  const domains = parts.map((_part, index) => `;domain=${parts.slice(index).join(".")}`);
  for (const name of names)
    for (const domain of ["", ...domains]) document.cookie = `${name}=;max-age=0;path=/${domain}`;
}

async function wipeWorkers(): Promise<void> {
  const registrations = await navigator.serviceWorker.getRegistrations();
  await Promise.all(registrations.map((registration) => registration.unregister()));
}
