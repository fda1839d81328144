/** Under construction. */
export function Home() {
  return <main />;
}
