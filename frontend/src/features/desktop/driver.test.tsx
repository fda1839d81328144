import { act, renderHook, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { getDesktopControl, setDesktopControl } from "@/api/endpoints";
import { ApiError } from "@/api/problem";
import { useDriver } from "./driver";

vi.mock("@/api/endpoints", () => ({ getDesktopControl: vi.fn(), setDesktopControl: vi.fn() }));

beforeEach(() => {
  vi.mocked(getDesktopControl).mockResolvedValue({ driver: "agent" });
  vi.mocked(setDesktopControl).mockImplementation(async ({ driver }) => ({ driver }));
});

describe("useDriver", () => {
  test("drives only after the gateway has agreed", async () => {
    let agree: () => void = () => {};
    vi.mocked(setDesktopControl).mockReturnValue(
      new Promise((resolve) => {
        agree = () => resolve({ driver: "person" });
      }),
    );
    const { result } = renderHook(() => useDriver("me", false));
    act(() => result.current.take());
    expect(result.current.mine).toBe(false);
    agree();
    await waitFor(() => expect(result.current.mine).toBe(true));
  });

  test("stops driving when control was given back elsewhere", async () => {
    const { result, rerender } = renderHook(({ told }) => useDriver("me", told), {
      initialProps: { told: false },
    });
    act(() => result.current.take());
    await waitFor(() => expect(result.current.mine).toBe(true));
    expect(setDesktopControl).toHaveBeenLastCalledWith({ driver: "person", viewer: "me" });
    rerender({ told: true });
    expect(result.current.mine).toBe(true);
    rerender({ told: false });
    expect(result.current.mine).toBe(false);
  });

  test("does not drive because another page does", () => {
    const { result } = renderHook(() => useDriver("me", true));
    expect(result.current).toMatchObject({ mine: false, person: true });
  });

  test("says why control did not change", async () => {
    const problem = { code: "x", title: "No", detail: "", status: 500 };
    vi.mocked(setDesktopControl).mockRejectedValue(new ApiError(problem));
    const { result } = renderHook(() => useDriver("me", false));
    act(() => result.current.take());
    await waitFor(() => expect(result.current.problem).toEqual(problem));
    expect(result.current.mine).toBe(false);
  });

  test("asks where there is no event stream", async () => {
    vi.mocked(getDesktopControl).mockResolvedValue({ driver: "person" });
    const { result } = renderHook(() => useDriver("me", undefined));
    await waitFor(() => expect(result.current.person).toBe(true));
  });
});
