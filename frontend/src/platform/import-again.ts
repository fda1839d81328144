/** The file that could not be loaded, as most browsers name it in the error. */
const ADDRESS = /https?:\/\/\S+\.js/;

/** Style sheets that did not come. */
const broken = new Set<HTMLLinkElement>();

addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") broken.add(target);
  },
  true,
);

/**
 * Loads what could not be loaded. What loads a file together with its styles asks for these once only, whether they come or not;
 * and an older browser remembers the failure of an address as long as the page is open, but not of the same file by another one.
 */
export async function importAgain<File>(load: () => Promise<File>): Promise<File> {
  await Promise.all([...broken].map(styleAgain));
  try {
    return await load();
  } catch (error) {
    const address = ADDRESS.exec(String(error))?.[0];
    if (!address?.startsWith(location.origin)) throw error;
    return import(/* @vite-ignore */ `${address}#${Date.now()}`) as Promise<File>;
  }
}

function styleAgain(link: HTMLLinkElement): Promise<unknown> {
  broken.delete(link);
  const fresh = link.cloneNode() as HTMLLinkElement;
  return new Promise((resolve, reject) => {
    fresh.onload = resolve;
    fresh.onerror = reject;
    link.replaceWith(fresh);
  });
}
