/** A file in a list: its name, and more quietly where it is. */
export function FileLine({ path }: { path: string }) {
  const cut = path.lastIndexOf("/");
  return (
    <>
      <span className="shrink-0">{path.slice(cut + 1)}</span>
      <span className="min-w-0 truncate text-12 text-text-2">{path.slice(0, Math.max(0, cut))}</span>
    </>
  );
}
