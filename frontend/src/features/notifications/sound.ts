import type { NoticeKind } from "./notices";

/** Pitches in hertz, one after the other: up when something is done, a call when somebody is needed, down when not. */
const TUNES: Record<NoticeKind, readonly number[]> = {
  done: [523, 659],
  needsYou: [784, 784, 784],
  failed: [440, 330],
  budget: [440, 440],
};
const NOTE_S = 0.14;
const LOUDNESS = 0.06;

/** Plays a few quiet notes; nothing where browsers allow none. */
export function playSound(kind: NoticeKind): void {
  if (!("AudioContext" in window)) return;
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.gain.value = LOUDNESS;
  volume.connect(audio.destination);
  TUNES[kind].forEach((pitch, index) => {
    const note = audio.createOscillator();
    note.frequency.value = pitch;
    note.connect(volume);
    note.start(audio.currentTime + index * NOTE_S);
    note.stop(audio.currentTime + (index + 0.8) * NOTE_S);
    note.onended = () => index === TUNES[kind].length - 1 && void audio.close();
  });
}
