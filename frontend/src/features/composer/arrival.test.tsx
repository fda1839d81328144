import { render, screen } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { useArrival } from "./arrival";
import { Composer } from "./composer";

/** The server keeps nothing here. */
vi.mock("@/api/drafts", () => {
  const never = () => new Promise(() => {});
  return { getDraft: never, saveDraft: never };
});

/** A conversation whose composer comes later than its page. */
function Conversation({ ready }: { ready: boolean }) {
  const arrival = useArrival();
  if (!ready) return null;
  return <Composer workspace="default" scope="conv_1" run="idle" focusFrom={arrival} onSend={vi.fn()} />;
}

function Page({ shows }: { shows?: "dialog" | "reading" | "read" }) {
  return (
    <>
      <button type="button">Aside</button>
      <button type="button">Panel</button>
      {shows === "dialog" && <input aria-label="Find" />}
      {(shows === "reading" || shows === "read") && <Conversation ready={shows === "read"} />}
    </>
  );
}

const focused = () =>
  document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;

describe("the field of a conversation that has been read", () => {
  test("takes the focus that nothing has", () => {
    const { rerender } = render(<Page shows="reading" />);
    rerender(<Page shows="read" />);
    expect(focused()).toBe("Message");
  });

  test("takes the focus of what led there", () => {
    const { rerender } = render(<Page />);
    screen.getByText("Aside").focus();
    rerender(<Page shows="reading" />);
    rerender(<Page shows="read" />);
    expect(focused()).toBe("Message");
  });

  test("leaves the focus to who has put it elsewhere meanwhile", () => {
    const { rerender } = render(<Page shows="reading" />);
    screen.getByText("Panel").focus();
    rerender(<Page shows="read" />);
    expect(focused()).toBe("Panel");
  });

  test("takes the focus that a dialog gave back after it had led there", () => {
    const { rerender } = render(<Page shows="dialog" />);
    screen.getByLabelText("Find").focus();
    rerender(<Page shows="reading" />);
    screen.getByText("Aside").focus();
    rerender(<Page shows="read" />);
    expect(focused()).toBe("Message");
  });
});
