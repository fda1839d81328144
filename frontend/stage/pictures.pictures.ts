import { test } from "vitest";
import { takePictures } from "./pictures";

test("the pictures are taken", takePictures);
