import { act, renderHook, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { continueRun, pauseRun } from "@/api/endpoints";
import type { RunStatus } from "@/api/types";
import { fromSnapshot } from "@/stream/reducer";
import { conversation, snapshot } from "@/testing/events";
import { useRunPause } from "./pause-toggle";

vi.mock("@/api/endpoints", () => ({ continueRun: vi.fn(), pauseRun: vi.fn() }));

let status: RunStatus = "running";
vi.mock("@/stream/react", () => ({
  useConversationStore: () => ({ id: "conv_1" }),
  useConversation: <T,>(select: (view: unknown) => T) =>
    select({ state: fromSnapshot(snapshot({ conversation: conversation({ status }) })) }),
}));

beforeEach(() => {
  status = "running";
  vi.mocked(pauseRun).mockReset().mockResolvedValue({ status: "pausing" });
  vi.mocked(continueRun).mockReset().mockResolvedValue({ run_id: "run_1" });
});

describe("pausing the run while the person drives", () => {
  test("ends with control, when it was begun here", async () => {
    const { result, rerender } = renderHook(() => useRunPause());
    act(() => result.current.toggle());
    await waitFor(() => expect(pauseRun).toHaveBeenCalledWith("conv_1"));
    status = "paused";
    rerender();
    expect(result.current.on).toBe(true);
    act(() => result.current.release());
    await waitFor(() => expect(continueRun).toHaveBeenCalledWith("conv_1"));
  });

  test("does not end with control, when it was begun elsewhere", () => {
    status = "paused";
    const { result } = renderHook(() => useRunPause());
    act(() => result.current.release());
    expect(continueRun).not.toHaveBeenCalled();
    act(() => result.current.toggle());
    expect(continueRun).toHaveBeenCalledWith("conv_1");
  });

  test("is possible only while there is a run", () => {
    status = "done";
    const { result } = renderHook(() => useRunPause());
    expect(result.current.possible).toBe(false);
  });
});
