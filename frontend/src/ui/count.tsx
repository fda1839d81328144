interface CountProps {
  n: number;
  /** What is counted, with the number, for those who hear it. */
  label: string;
}

/** A small number beside a name; nothing where there is nothing to count. */
export function Count({ n, label }: CountProps) {
  if (n === 0) return null;
  return (
    <span
      data-testid="count"
      title={label}
      className="ml-1.5 rounded-control bg-sunken px-1 text-11 text-text-2 tabular-nums"
    >
      <span aria-hidden="true">{n}</span>
      <span className="sr-only">{label}</span>
    </span>
  );
}
