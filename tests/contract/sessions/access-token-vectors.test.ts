import { describe, expect, test } from 'bun:test'
import { dirname, join } from 'node:path'
import { makeVerifyBearer } from '../../../packages/user-events/src/bearer.ts'
import { ROOT, readFrom } from '../../../scripts/repository.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'
import { installGo, installPythonPackages } from '../../support/servers/provide/install-programs.ts'

type Vectors = {
  readonly issuer: string
  readonly audience: string
  readonly now: string
  readonly jwks: object
  readonly tokens: readonly {
    readonly why: string
    readonly authorization: string | null
    readonly verdict: 'ok' | 'missing' | 'expired' | 'invalid'
  }[]
}
const VECTORS = 'contracts/access-tokens/vectors.json'
const { tokens, ...given }: Vectors = JSON.parse(await readFrom(VECTORS))
const expected = tokens.map(({ why, verdict }) => ({ why, verdict }))

const GO_MODULE = `module example.com/accesstokens

go 1.24

require github.com/golang-jwt/jwt/v5 v5.3.0
`

const GO_TEST = `package accesstokens

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestVectors(t *testing.T) {
	var given struct {
		Issuer, Audience string
		Now              time.Time
		Jwks             json.RawMessage
		Tokens           []struct{ Why, Authorization, Verdict string }
	}
	text, _ := os.ReadFile("vectors.json")
	if err := json.Unmarshal(text, &given); err != nil {
		t.Fatal(err)
	}
	verifier, now, fetches, isAway := New(given.Issuer, given.Audience), given.Now, 0, false
	verifier.Now = func() time.Time { return now }
	verifier.Fetch = func(string) ([]byte, error) {
		fetches++
		if isAway {
			return nil, errors.New("away")
		}
		return given.Jwks, nil
	}
	verdict := func(authorization string) string {
		if _, err := verifier.Verify(authorization); err != nil {
			return err.Error()
		}
		return "ok"
	}
	unknown := ""
	for _, token := range given.Tokens {
		fmt.Printf("verdict %s %s\\n", verdict(token.Authorization), token.Why)
		if token.Why == "an unknown key id" {
			unknown = token.Authorization
		}
	}
	var told []string
	at := func(seconds int, away bool, authorization string) {
		// The times of the token stand still; only the keys grow older.
		passed := time.Duration(seconds) * time.Second
		verifier.Now = func() time.Time { return now.Add(passed) }
		isAway = away
		_, err := verifier.keyOf(authorization)
		verdict := "ok"
		if err != nil {
			verdict = err.Error()
		}
		told = append(told, fmt.Sprintf("%d %s %d", seconds, verdict, fetches))
	}
	good := given.Tokens[0].Authorization
	at(29, false, unknown)
	at(30, false, unknown)
	at(31, false, unknown)
	at(630, true, good)
	at(640, true, good)
	at(660, true, good)
	at(3659, true, good)
	at(3665, true, good)
	at(3680, false, good)
	fmt.Println("told " + strings.Join(told, ", "))
}

// keyOf finds the key of a token.
func (v *Verifier) keyOf(authorization string) (any, error) {
	header, _, _ := strings.Cut(strings.TrimPrefix(authorization, "Bearer "), ".")
	var read struct{ Kid string }
	text, _ := base64.RawURLEncoding.DecodeString(header)
	_ = json.Unmarshal(text, &read)
	return v.key(read.Kid)
}
`

/** The code of the page in one language. */
const codeOf = async (language: string): Promise<string> => {
  const page = await readFrom('docs/accept-tokens.md')
  return new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page)?.[1] ?? ''
}

const run = async (command: readonly string[], cwd: string, environment = {}) => {
  const child = Bun.spawn([...command], {
    cwd,
    env: { ...process.env, ...environment },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()])
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')}\n${stdout}\n${stderr}`)
  return stdout
}

describe('the vectors of access tokens', () => {
  test('have the verdicts of our package', async () => {
    const verify = makeVerifyBearer({
      ...given,
      now: () => new Date(given.now),
      fetch: async () => Response.json(given.jwks),
    })
    const found = []
    for (const { why, authorization } of tokens) {
      const verdict = await verify(authorization)
      found.push({ why, verdict: verdict.ok ? 'ok' : verdict.refusal })
    }
    expect(found).toEqual(expected)
  })

  test('have the verdicts of the code in Python on the page', async () => {
    const folder = temporaryFolder()
    const packages = await installPythonPackages(['PyJWT==2.15.1', 'cryptography==50.0.2'])
    await Bun.write(join(folder, 'verifier.py'), await codeOf('python'))
    await Bun.write(
      join(folder, 'run.py'),
      [
        'import json, sys',
        'from datetime import datetime',
        'from verifier import KeysUnavailable, Verifier',
        'given = json.load(open(sys.argv[1]))',
        'now = datetime.fromisoformat(given["now"]).timestamp()',
        'clock, fetches = [0.0], []',
        'def fetch(url):',
        '    fetches.append(url)',
        '    if answer is None: raise OSError("away")',
        '    return answer',
        'answer = given["jwks"]',
        'verifier = Verifier(given["issuer"], given["audience"], fetch, lambda: now, lambda: clock[0])',
        'def verdict(authorization):',
        '    try: found = verifier.verify(authorization)',
        '    except KeysUnavailable: return "unavailable"',
        '    return found if isinstance(found, str) else "ok"',
        'found = [{"why": t["why"], "verdict": verdict(t["authorization"])} for t in given["tokens"]]',
        // The life of the cache: what happens after so many seconds, and how often the keys were fetched by then.
        'good = given["tokens"][0]["authorization"]',
        'unknown = next(t["authorization"] for t in given["tokens"] if t["why"] == "an unknown key id")',
        'told = []',
        'def at(second, authorization):',
        '    clock[0] = second',
        '    told.append([second, verdict(authorization), len(fetches)])',
        'at(29, unknown); at(30, unknown); at(31, unknown)',
        'answer = None',
        'at(630, good); at(640, good); at(660, good); at(3629, good); at(3659, good); at(3660, good); at(3665, good)',
        'answer = {"keys": []}',
        'at(3671, good)',
        'answer = given["jwks"]',
        'at(3680, good)',
        'print(json.dumps({"found": found, "told": told}))',
      ].join('\n'),
    )
    const answer = await run(['python3', '-B', 'run.py', join(ROOT, VECTORS)], folder, {
      PYTHONPATH: packages,
    })
    const { found, told } = JSON.parse(answer)
    expect(found).toEqual(expected)
    expect(told).toEqual([
      [29, 'invalid', 1],
      [30, 'invalid', 2],
      [31, 'invalid', 2],
      [630, 'ok', 3],
      [640, 'ok', 3],
      [660, 'ok', 4],
      [3629, 'ok', 5],
      [3659, 'unavailable', 6],
      [3660, 'unavailable', 6],
      [3665, 'unavailable', 7],
      [3671, 'unavailable', 8],
      [3680, 'ok', 9],
    ])
  }, 120_000)

  test('have the verdicts of the code in Go on the page in the long form; otherwise it is well-formed', async () => {
    const folder = temporaryFolder()
    const { path: go } = await installGo()
    const cache = { GOTOOLCHAIN: 'local', GOCACHE: join(ROOT, 'node_modules/.cache/go') }
    const code = await codeOf('go')
    await Bun.write(join(folder, 'verifier.go'), code)
    expect(await run([join(dirname(go), 'gofmt'), '-l', '.'], folder)).toBe('')
    // Compiling takes half a minute, and minutes on a busy machine.
    if (!isLongRun) return
    await Bun.write(join(folder, 'verifier_test.go'), GO_TEST)
    await Bun.write(join(folder, 'vectors.json'), await readFrom(VECTORS))
    await Bun.write(join(folder, 'go.mod'), GO_MODULE)
    await run([go, 'mod', 'tidy'], folder, cache)
    const said = await run([go, 'test', '-v', './...'], folder, cache)
    const found = [...said.matchAll(/^verdict (\w+) (.*)$/gm)]
    expect(found.map(([, verdict, why]) => ({ why, verdict }))).toEqual(expected as never)
    // After so many seconds: the verdict, and how often the keys were fetched by then.
    expect(/^told (.*)$/m.exec(said)?.[1]).toBe(
      '29 invalid 1, 30 invalid 2, 31 invalid 2, 630 ok 3, 640 ok 3, 660 ok 4, 3659 no keys 5, 3665 no keys 6, 3680 ok 7',
    )
  }, 900_000)
})
