// Verifies with Go's own implementation (golang.org/x/mod/sumdb) what Zhiheng signed and proved; see
// test_transparency_go.py. Reads one JSON object from standard input, prints "ok" or what does not hold.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hash = tlog.Hash

type question struct {
	Key     string   `json:"key"`
	Note    string   `json:"note"`
	Origin  string   `json:"origin"`
	Size    int64    `json:"size"`
	Root    hash     `json:"root"`
	Entries []string `json:"entries"`
	Paths   [][]hash `json:"paths"`
	Roots   []hash   `json:"roots"`
	Steps   [][]hash `json:"steps"`
	Proofs  []string `json:"proofs"`
	Tiles   []struct {
		Level, Place int64
		Width        int
		Address      string
	} `json:"tiles"`
}

func fail(where string, err error) {
	if err != nil {
		fmt.Println(where, err)
		os.Exit(1)
	}
}

// checkProof reads a C2SP tlog-proof whose extra part is the entry itself.
func checkProof(text string, verifier note.Verifier) error {
	head, signed, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("not a proof: %q", lines[0])
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		step, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, step)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	parts := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return err
	}
	root, err := tlog.ParseHash(parts[2])
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entry))
}

func main() {
	var asked question
	fail("question", json.NewDecoder(os.Stdin).Decode(&asked))
	verifier, err := note.NewVerifier(asked.Key)
	fail("key", err)
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(verifier))
	fail("note", err)
	if expected := fmt.Sprintf("%s\n%d\n%s\n", asked.Origin, asked.Size, asked.Root); opened.Text != expected {
		fail("text", fmt.Errorf("%q is not %q", opened.Text, expected))
	}
	for index, path := range asked.Paths {
		leaf := tlog.RecordHash([]byte(asked.Entries[index]))
		fail("entry", tlog.CheckRecord(path, asked.Size, asked.Root, int64(index), leaf))
	}
	for old, steps := range asked.Steps {
		if old > 0 {
			fail("tree", tlog.CheckTree(steps, asked.Size, asked.Root, int64(old), asked.Roots[old]))
		}
	}
	for _, text := range asked.Proofs {
		fail("proof", checkProof(text, verifier))
	}
	for _, tile := range asked.Tiles {
		_, err := tlog.ParseTilePath(fmt.Sprintf("tile/8/%s", tile.Address[len("tile/"):]))
		fail("tile", err)
		own := tlog.Tile{H: 8, L: int(tile.Level), N: tile.Place, W: tile.Width}
		if path := own.Path(); path != "tile/8/"+tile.Address[len("tile/"):] {
			fail("tile", fmt.Errorf("%s is not %s", tile.Address, path))
		}
	}
	fmt.Println("ok")
}
