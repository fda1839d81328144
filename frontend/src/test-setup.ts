import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A machine may be busy: waiting ends when what is awaited is there, however long that takes within reason.
configure({ asyncUtilTimeout: 30_000 });

afterEach(cleanup);
