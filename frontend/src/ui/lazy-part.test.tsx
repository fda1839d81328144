import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tellAnswered } from "@/platform/answering";
import { lazyPart } from "./lazy-part";

beforeEach(() => vi.stubGlobal("fetch", () => Promise.reject(new TypeError("nobody answers"))));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

interface GreetingProps {
  name: string;
  onClose?: () => void;
}

function Greeting({ name }: GreetingProps) {
  return <button type="button">Hello {name}</button>;
}

/** A file that cannot be loaded while `away`. */
function file() {
  const of = {
    away: true,
    asked: 0,
    load: async () => {
      of.asked += 1;
      if (of.away) throw new TypeError("Failed to fetch dynamically imported module");
      return { default: Greeting };
    },
  };
  return of;
}

const missing = () => screen.findByTestId("missing-part");
const hello = { name: "Hello Ada" };

test("what could not be loaded says so in its place, and is loaded when it is asked for again", async () => {
  const from = file();
  const Part = lazyPart(from.load);
  render(
    <>
      <textarea aria-label="message" />
      <section>
        <Suspense fallback="loading">
          <Part name="Ada" />
        </Suspense>
      </section>
    </>,
  );
  const person = userEvent.setup();
  expect((await missing()).getAttribute("role")).toBe("alert");
  await person.type(screen.getByLabelText("message"), "typed meanwhile");
  await person.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("This could not be loaded.");
  expect(from.asked).toBe(2);

  from.away = false;
  await person.click(screen.getByRole("button", { name: "Try again" }));
  const part = await screen.findByRole("button", hello);
  expect(screen.queryByTestId("missing-part")).toBeNull();
  // Whoever pressed the button goes on in what has come in its place.
  await waitFor(() => expect(document.activeElement).toBe(part));
  expect(screen.getByLabelText<HTMLTextAreaElement>("message").value).toBe("typed meanwhile");
});

test("it comes by itself when Slipway answers again, wherever it is missed, and leaves the focus alone", async () => {
  const from = file();
  const Part = lazyPart(from.load);
  render(
    <Suspense>
      <input aria-label="elsewhere" />
      <Part name="Ada" />
      <Part name="Bob" />
    </Suspense>,
  );
  expect(await screen.findAllByTestId("missing-part")).toHaveLength(2);
  screen.getByLabelText("elsewhere").focus();
  const asked = from.asked;
  from.away = false;
  tellAnswered();
  await screen.findByRole("button", hello);
  await screen.findByRole("button", { name: "Hello Bob" });
  expect(from.asked).toBe(asked + 1);
  expect(document.activeElement).toBe(screen.getByLabelText("elsewhere"));
});

test("an ornament is missed quietly, and what has words of its own shows these", async () => {
  const quiet = file();
  const own = file();
  const Quiet = lazyPart(quiet.load, { otherwise: "quiet" });
  const Own = lazyPart(own.load, { otherwise: ({ name }) => <p>for {name}, as text</p> });
  render(
    <Suspense>
      <Quiet name="Ada" />
      <Own name="Bob" />
    </Suspense>,
  );
  await screen.findByText("for Bob, as text");
  expect(screen.queryByTestId("missing-part")).toBeNull();
  quiet.away = false;
  own.away = false;
  window.dispatchEvent(new Event("online"));
  await screen.findByRole("button", hello);
  await screen.findByRole("button", { name: "Hello Bob" });
});

test("what opens over the page is told of over it, and closes", async () => {
  const from = file();
  const Part = lazyPart(from.load, { otherwise: "over" });
  const close = vi.fn();
  render(
    <Suspense>
      <Part name="Ada" onClose={close} />
    </Suspense>,
  );
  const person = userEvent.setup();
  await missing();
  expect(screen.getByRole("dialog").hasAttribute("open")).toBe(true);
  await person.click(screen.getByRole("button", { name: "Close" }));
  expect(close).toHaveBeenCalledOnce();
});

test("what was closed, or could not be loaded ahead, is tried anew when it is next wanted", async () => {
  const from = file();
  const Part = lazyPart(from.load);
  await Part.preload();
  expect(from.asked).toBe(1);
  const page = render(
    <Suspense>
      <Part name="Ada" />
    </Suspense>,
  );
  await missing();
  expect(from.asked).toBe(2);
  page.unmount();
  // It is closed and opened by two clicks.
  await act(async () => undefined);
  from.away = false;
  render(
    <Suspense>
      <Part name="Ada" />
    </Suspense>,
  );
  await screen.findByRole("button", hello);
  expect(from.asked).toBe(3);
});

test("what was loaded ahead is there at once", async () => {
  const from = file();
  from.away = false;
  const Part = lazyPart(from.load);
  await Part.preload();
  render(<Part name="Ada" />);
  expect(screen.getByRole("button", hello)).toBeTruthy();
});

test("a part with a name of its own in its file is found by it", async () => {
  const Part = lazyPart(async () => ({ Greeting, other: 1 }), { name: "Greeting" });
  render(
    <Suspense>
      <Part name="Ada" />
    </Suspense>,
  );
  await screen.findByRole("button", hello);
});

test("where Slipway was updated the page of the version before is to be loaded anew", async () => {
  const begun = { src: "http://here/assets/index-old.js" } as unknown as Element;
  vi.spyOn(document, "querySelector").mockReturnValue(begun);
  const page = '<script type="module" src="/assets/index-new.js"></script>';
  vi.stubGlobal("fetch", async () => new Response(page));
  const Part = lazyPart(file().load);
  render(
    <Suspense>
      <Part name="Ada" />
    </Suspense>,
  );
  await screen.findByText(/Slipway was updated/);
  expect(screen.getByRole("button", { name: "Reload" })).toBeTruthy();
});
