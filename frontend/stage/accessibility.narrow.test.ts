import { testStates } from "./accessibility";
import { PHONE } from "./browser";

testStates(PHONE);
