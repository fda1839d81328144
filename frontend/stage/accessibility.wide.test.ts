import { testStates } from "./accessibility";
import { SCREEN } from "./browser";

testStates(SCREEN);
