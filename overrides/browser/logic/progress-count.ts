/** Counts of what is done and what is open, and how they are said. */

import type { Kept } from "./progress";

/** Something to do: a question of a quiz, or an exercise. */
export type Task = { quiz: string; question: string } | { exercise: string };

export type State = "done" | "tried" | "open";

/** How many questions and exercises there are, and how many of them are done. */
export interface Count {
  questions: number;
  right: number;
  exercises: number;
  solved: number;
}

export function stateOf(task: Task, kept: Kept): State {
  if ("exercise" in task) return kept.exercises.includes(task.exercise) ? "done" : "open";
  const answered = kept.quizzes[task.quiz]?.[task.question];
  if (answered === undefined) return "open";
  return answered.state === "right" ? "done" : "tried";
}

export function count(tasks: readonly Task[], kept: Kept): Count {
  const made: Count = { questions: 0, right: 0, exercises: 0, solved: 0 };
  for (const task of tasks) {
    const done = stateOf(task, kept) === "done" ? 1 : 0;
    if ("exercise" in task) {
      made.exercises += 1;
      made.solved += done;
    } else {
      made.questions += 1;
      made.right += done;
    }
  }
  return made;
}

/** “3 of 7 questions right and 1 of 2 exercises solved”. */
export function countText({ questions, right, exercises, solved }: Count): string {
  const parts = [];
  if (questions > 0) parts.push(`${right} of ${questions} ${questions === 1 ? "question" : "questions"} right`);
  if (exercises > 0) parts.push(`${solved} of ${exercises} ${exercises === 1 ? "exercise" : "exercises"} solved`);
  return parts.length === 0 ? "nothing to do yet" : parts.join(" and ");
}

/** How many answers and exercises are kept, in words: “4 answers and 1 exercise”. */
export function keptText(kept: Kept): string {
  const answers = Object.values(kept.quizzes).reduce((sum, questions) => sum + Object.keys(questions).length, 0);
  const solved = kept.exercises.length;
  const words = [`${answers} ${answers === 1 ? "answer" : "answers"}`];
  words.push(`${solved} solved ${solved === 1 ? "exercise" : "exercises"}`);
  return words.join(" and ");
}

/** How many records of `after` are not in `before` as they are. */
export function changes(before: Kept, after: Kept): number {
  let found = after.exercises.filter((name) => !before.exercises.includes(name)).length;
  for (const [quiz, questions] of Object.entries(after.quizzes))
    for (const [id, answered] of Object.entries(questions))
      if (JSON.stringify(before.quizzes[quiz]?.[id]) !== JSON.stringify(answered)) found += 1;
  return found;
}
