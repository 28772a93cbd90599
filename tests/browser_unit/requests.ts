/** What the tests of downloads that Python waits for put in the place of XMLHttpRequest. */

import assert from "node:assert/strict";

export interface Answer {
  status: number;
  body: Uint8Array;
}

/** Requests that get these answers, one after the other; null is a connection that fails. */
export class Requests {
  readonly asked: string[] = [];
  readonly notes: string[] = [];
  readonly #answers: (Answer | null)[];

  constructor(answers: (Answer | null)[]) {
    this.#answers = answers;
  }

  readonly note = (text: string): void => {
    this.notes.push(text);
  };

  readonly next = (): XMLHttpRequest => {
    const answer = this.#answers.shift();
    assert.notEqual(answer, undefined, "one request more than expected");
    const request = {
      status: answer?.status,
      response: answer?.body.slice().buffer,
      open: (method: string, url: string, async: boolean) => {
        assert.deepEqual([method, async], ["GET", false]);
        this.asked.push(url);
      },
      send: () => {
        if (answer === null) throw new Error("NetworkError");
      },
    };
    return request as unknown as XMLHttpRequest;
  };
}
