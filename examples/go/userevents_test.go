package userevents

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const contracts = "../../contracts/user-events/"

func read(t *testing.T, path string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		t.Fatal(path, err)
	}
}

func lists(headers map[string]string) map[string][]string {
	all := map[string][]string{}
	for name, value := range headers {
		all[name] = []string{value}
	}
	return all
}

func TestVectors(t *testing.T) {
	paths, err := filepath.Glob(contracts + "vectors/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, path := range paths {
		var vector struct {
			Version  int
			Messages []struct {
				Why, Body, Verdict string
				Headers            map[string]string
				Skipped            int64
			}
		}
		read(t, path, &vector)
		positions := map[string]*Position{}
		for _, message := range vector.Messages {
			verdict := "malformed"
			event, err := Decode(lists(message.Headers), []byte(message.Body), vector.Version)
			if err == nil {
				before := positions[event.UserID]
				verdict = Judge(before, event)
				if verdict == "gap" && event.Version-before.Version-1 != message.Skipped {
					t.Errorf("%s: %s: %d were skipped", path, message.Why, message.Skipped)
				}
				if verdict == "applied" || verdict == "gap" {
					positions[event.UserID] = &Position{event.Version, event.EventID}
				}
			}
			if verdict != message.Verdict {
				t.Errorf("%s: %s: is %s (%v), and must be %s", path, message.Why, verdict, err, message.Verdict)
			}
		}
	}
}

func TestDeadLetters(t *testing.T) {
	var vector struct {
		Letters []struct {
			Why   string
			Given struct {
				Consumer, Reason, Detail, Stream, Subject, Created string
				Deliveries, Sequence                               uint64
				At                                                 time.Time
				Headers                                            map[string]string
			}
			Letter struct{ Headers map[string]string }
		}
	}
	read(t, contracts+"dead-letters/letters.json", &vector)
	if len(vector.Letters) == 0 {
		t.Fatal("no letters")
	}
	for _, letter := range vector.Letters {
		given := letter.Given
		headers := DeadLetterHeaders(lists(given.Headers), Failed{
			Stream: given.Stream, Sequence: given.Sequence, Subject: given.Subject, Deliveries: given.Deliveries,
			Consumer: given.Consumer, Created: given.Created, Reason: given.Reason, Detail: given.Detail, At: given.At,
		})
		if !maps.Equal(headers, letter.Letter.Headers) {
			t.Errorf("%s: %v, and must be %v", letter.Why, headers, letter.Letter.Headers)
		}
	}
}

func TestDelays(t *testing.T) {
	for deliveries, seconds := range map[int]int{1: 1, 2: 2, 8: 128, 9: 256, 10: 300, 99: 300} {
		if delay := RetryDelay(deliveries); delay != time.Duration(seconds)*time.Second {
			t.Errorf("after delivery %d: %s", deliveries, delay)
		}
	}
}
