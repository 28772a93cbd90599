/** The build's addresses hold wherever the site lies. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readBuild } from "../../overrides/browser/build";

for (const root of ["https://site.test/", "https://host.test/a/deep/folder/", "http://127.0.0.1:8000/course/"]) {
  test(`under ${root}`, () => {
    const build = readBuild(`${root}assets/browser/main-1.js`);
    assert.equal(build.indexUrl, `${root}runtime/1/`);
    assert.equal(build.lockUrl, `${root}runtime/labs-1/pyodide-lock.json`);
    assert.equal(build.workerUrl, `${root}assets/browser/worker-1.js`);
    assert.equal(build.packagesUrl, `${root}runtime/python-1/`);
    assert.equal(build.stdlibUrl, `${root}runtime/python-1/python_stdlib.zip`);
    assert.deepEqual(build.files, [{ url: `${root}runtime/1/pyodide.asm.mjs`, size: 3, type: "text/javascript" }]);
    assert.deepEqual(
      build.later.map(({ url }) => url),
      [`${root}runtime/python-1/matplotlib.whl`],
    );
    assert.deepEqual(build.checkpoints, { url: `${root}runtime/checkpoints-1/`, files: { "base.npz": 900000 } });
    const gap = { url: `${root}runtime/lab-1/gap.zip`, size: 4, sha256: "", exercises: ["exercise"] };
    assert.deepEqual(build.labs, { gap });
    assert.deepEqual(build.archives, { numpy: `${root}runtime/python-1/numpy.whl` });
  });
}
