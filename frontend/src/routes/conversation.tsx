/** Under construction. */
export function ConversationRoute() {
  return <main />;
}
