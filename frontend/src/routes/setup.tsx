/** Under construction. */
export function SetupRoute() {
  return <main />;
}
