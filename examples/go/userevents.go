// Package userevents has the wire rules of user events: what a message must be, and what to do with it. It needs the
// standard library only. docs/consume.md explains each rule. Copy this file into your service.
package userevents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const highestVersion = 1<<53 - 1

var (
	uuid      = regexp.MustCompile(`\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\z`)
	sequence  = regexp.MustCompile(`\A[0-9]{20}\z`)
	timestamp = regexp.MustCompile(`\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\z`)
	// A backslash with what it escapes. A high surrogate takes the low one that follows it along.
	escape = regexp.MustCompile(`\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)`)
	half   = regexp.MustCompile(`\A\\u[dD][89a-fA-F][0-9a-fA-F]{2}\z`)
)

// Event is a message that keeps the contract. Data has all fields of the body, also unknown ones.
type Event struct {
	EventID string
	UserID  string
	Version int64
	Action  string
	Data    map[string]any
}

// Position is the last event of a user that was applied. Keep it when the user is deleted.
type Position struct {
	Version int64
	EventID string
}

// Decode reads a message as version 1 or 2 of the contract. An error means that the message is malformed. It names headers
// and fields, and contains no values.
func Decode(headers map[string][]string, body []byte, contract int) (Event, error) {
	data, err := parse(body)
	if err != nil {
		return Event{}, err
	}
	for _, field := range fields {
		if field.since > contract {
			continue
		}
		value, present := data[field.name]
		if !present {
			return Event{}, fmt.Errorf("%s is missing", field.name)
		}
		if !field.isRight(value) {
			return Event{}, fmt.Errorf("%s is wrong", field.name)
		}
	}

	header := func(name string) string { return decodeHeader(rawHeader(headers, name)) }
	id, action := data["id"].(string), data["action"].(string)
	eventID, eventType, ending := header("ce-id"), header("ce-type"), ".user."+action
	version := int64(0)
	if digits := header("ce-sequence"); sequence.MatchString(digits) {
		// A number above the largest int64 is an error, and leaves no version.
		if version, err = strconv.ParseInt(digits, 10, 64); err != nil {
			version = 0
		}
	}
	sentID, hasID := data["eventId"]
	sentVersion, hasVersion := data["version"]
	switch {
	case header("ce-specversion") != "1.0":
		err = errors.New("ce-specversion is not 1.0")
	case !uuid.MatchString(eventID):
		err = errors.New("ce-id is no UUID")
	case header("ce-source") == "":
		err = errors.New("ce-source is missing")
	case header("ce-subject") != id:
		err = errors.New("ce-subject is not the id")
	case !strings.HasSuffix(eventType, ending) || eventType == ending:
		err = errors.New("ce-type is not about the action")
	case version < 1 || version > highestVersion:
		err = errors.New("ce-sequence is no version")
	// Also for readers of version 1, which get messages of version 2.
	case hasID && sentID != eventID:
		err = errors.New("eventId is not ce-id")
	case hasVersion && sentVersion != float64(version):
		err = errors.New("version is not ce-sequence")
	default:
		return Event{eventID, id, version, action, data}, nil
	}
	return Event{}, err
}

// Judge compares an event with the position of its user, which is nil before its first event. Only applied and gap are applied.
func Judge(position *Position, event Event) string {
	switch {
	case position == nil:
		return "applied"
	case event.Version < position.Version:
		return "stale"
	case event.Version == position.Version && event.EventID == position.EventID:
		return "duplicate"
	case event.Version == position.Version:
		return "conflict"
	case event.Version == position.Version+1:
		return "applied"
	default:
		return "gap"
	}
}

// RetryDelay says how long to wait after the delivery with this number has failed, from 1.
func RetryDelay(deliveries int) time.Duration {
	return min(5*time.Minute, time.Second<<min(deliveries-1, 16))
}

// Failed describes a message that could not be handled.
type Failed struct {
	Stream     string
	Sequence   uint64
	Subject    string
	Deliveries uint64
	Consumer   string
	// Created is the field of that name of the durable consumer, as the server wrote it.
	Created string
	Reason  string
	Detail  string
	At      time.Time
}

// DeadLetterHeaders gives the headers of a dead letter, whose body is the original body.
func DeadLetterHeaders(headers map[string][]string, failed Failed) map[string]string {
	letter := map[string]string{}
	for name, values := range headers {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "nats-") && !strings.HasPrefix(lower, "dead-letter-") {
			letter[name] = strings.Join(values, ", ")
		}
	}
	detail := []rune(failed.Detail)
	letter["dead-letter-consumer"] = encodeHeader(failed.Consumer)
	letter["dead-letter-reason"] = encodeHeader(failed.Reason)
	letter["dead-letter-detail"] = encodeHeader(string(detail[:min(len(detail), 500)]))
	letter["dead-letter-attempts"] = strconv.FormatUint(failed.Deliveries, 10)
	letter["dead-letter-stream"] = encodeHeader(failed.Stream)
	letter["dead-letter-sequence"] = strconv.FormatUint(failed.Sequence, 10)
	letter["dead-letter-subject"] = encodeHeader(failed.Subject)
	letter["dead-letter-at"] = failed.At.UTC().Format("2006-01-02T15:04:05.000Z")
	if id := rawHeader(headers, "nats-msg-id"); id != "" {
		letter["dead-letter-msg-id"] = id
	}
	letter["Nats-Msg-Id"] = fmt.Sprintf("%s:%d:dlq:%s:%s", failed.Stream, failed.Sequence, failed.Consumer, failed.Created)
	return letter
}

func rawHeader(headers map[string][]string, name string) string {
	var values []string
	for present, those := range headers {
		if strings.EqualFold(present, name) {
			values = append(values, those...)
		}
	}
	return strings.Join(values, ", ")
}

func decodeHeader(value string) string {
	// PathUnescape leaves a plus sign alone, as QueryUnescape does not.
	decoded, err := url.PathUnescape(value)
	if err != nil || !utf8.ValidString(decoded) {
		return value
	}
	return decoded
}

func encodeHeader(value string) string {
	var encoded strings.Builder
	for _, b := range []byte(strings.ToValidUTF8(value, "\uFFFD")) {
		if b > 0x20 && b <= 0x7E && b != '"' && b != '%' {
			encoded.WriteByte(b)
		} else {
			fmt.Fprintf(&encoded, "%%%02X", b)
		}
	}
	return encoded.String()
}

func parse(body []byte) (map[string]any, error) {
	noJSON := errors.New("the body is not JSON in UTF-8")
	// The decoder would replace what is no UTF-8, and half of a surrogate pair.
	if !utf8.Valid(body) || slices.ContainsFunc(escape.FindAll(body, -1), half.Match) {
		return nil, noJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	// As text, because an unknown field may have a number that no float64 can hold.
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, noJSON
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, noJSON
	}
	data, isObject := value.(map[string]any)
	if !isObject {
		return nil, errors.New("the body is no JSON object")
	}
	for name, value := range data {
		if number, isNumber := value.(json.Number); isNumber {
			data[name], _ = number.Float64()
		}
	}
	return data, nil
}

type field struct {
	name    string
	since   int
	isRight func(value any) bool
}

var fields = []field{
	{"id", 1, isUUID},
	{"email", 1, orNull(isText(0, 254))},
	{"username", 1, isText(3, 30)},
	{"displayName", 1, orNull(isText(1, 100))},
	{"avatar", 1, orNull(isAvatar)},
	{"role", 1, isOneOf("user", "moderator", "admin")},
	{"isActive", 1, isBool},
	{"action", 1, isOneOf("created", "updated", "deleted")},
	{"timestamp", 1, isTimestamp},
	{"schemaVersion", 2, func(value any) bool { return value == 2.0 }},
	{"eventId", 2, isUUID},
	{"version", 2, isVersion},
	{"changed", 2, isChanged},
	{"emailVerified", 2, isBool},
}

func orNull(isRight func(any) bool) func(any) bool {
	return func(value any) bool { return value == nil || isRight(value) }
}

func isText(shortest, longest int) func(any) bool {
	return func(value any) bool {
		text, isString := value.(string)
		length := utf8.RuneCountInString(text)
		return isString && shortest <= length && length <= longest
	}
}

func isOneOf(known ...string) func(any) bool {
	return func(value any) bool {
		text, isString := value.(string)
		return isString && slices.Contains(known, text)
	}
}

func isUUID(value any) bool {
	text, isString := value.(string)
	return isString && uuid.MatchString(text)
}

func isAvatar(value any) bool {
	text, _ := value.(string)
	return isText(0, 2048)(value) && strings.HasPrefix(text, "https://")
}

func isBool(value any) bool {
	_, is := value.(bool)
	return is
}

func isTimestamp(value any) bool {
	text, _ := value.(string)
	if !timestamp.MatchString(text) || strings.HasPrefix(text, "0000") {
		return false
	}
	_, err := time.Parse("2006-01-02T15:04:05.000Z", text)
	return err == nil
}

func isVersion(value any) bool {
	number, isNumber := value.(float64)
	return isNumber && number == math.Trunc(number) && number >= 1 && number <= highestVersion
}

func isChanged(value any) bool {
	list, isList := value.([]any)
	if !isList || len(list) > 64 {
		return false
	}
	seen := map[any]bool{}
	for _, name := range list {
		if !isText(1, 64)(name) || seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}
