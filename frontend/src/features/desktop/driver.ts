import { useCallback, useEffect, useState } from "react";
import { getDesktopControl, setDesktopControl } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Problem } from "@/api/types";

/** How often a page without an event stream asks who drives. */
const ASK_MS = 2_000;

export interface Driver {
  /** Whether this page drives. */
  mine: boolean;
  /** Whether a person drives, here or in another page. */
  person: boolean;
  /** Why control did not change. */
  problem: Problem | null;
  take: () => void;
  giveBack: () => void;
}

/**
 * Who drives the desktop. `viewer` is this page's name, which its connection gives too: the gateway drops what other
 * pages type. `told` is what the event stream says; without one the gateway is asked from time to time. Mouse and
 * keyboard go to the desktop only after the gateway has said that control is the person's.
 */
export function useDriver(viewer: string, told: boolean | undefined): Driver {
  const [asked, setAsked] = useState(false);
  const [taken, setTaken] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const person = told ?? asked;

  useEffect(() => {
    if (told !== undefined) return;
    const ask = () =>
      getDesktopControl().then(
        ({ driver }) => setAsked(driver === "person"),
        () => {},
      );
    ask();
    const timer = setInterval(ask, ASK_MS);
    return () => clearInterval(timer);
  }, [told]);
  // Given back elsewhere, or by the gateway because nobody was looking.
  useEffect(() => {
    if (!person) setTaken(false);
  }, [person]);

  const change = useCallback(
    (driver: "agent" | "person") => {
      setProblem(null);
      setDesktopControl(driver === "person" ? { driver, viewer } : { driver }).then(
        () => {
          setAsked(driver === "person");
          setTaken(driver === "person");
        },
        (error: unknown) => setProblem(toProblem(error)),
      );
    },
    [viewer],
  );
  return {
    mine: taken && (person || asked),
    person,
    problem,
    take: useCallback(() => change("person"), [change]),
    giveBack: useCallback(() => change("agent"), [change]),
  };
}
