/** Under construction. */
export function SettingsRoute() {
  return <main />;
}
