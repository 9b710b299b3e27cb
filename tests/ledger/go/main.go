// Reads an export with Go's own transparency log code, which knows nothing of Gaung: the note, every leaf, the root, proofs.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func check(ok bool, what string) {
	if !ok {
		must(fmt.Errorf("does not hold"), what)
	}
}

type checkpoint struct {
	size int64
	root tlog.Hash
}

// open believes a signed note and reads the checkpoint in it.
func open(bytes []byte, keys note.Verifiers) checkpoint {
	opened, err := note.Open(bytes, keys)
	must(err, "the note")
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "the size")
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err, "the root")
	found := checkpoint{size: size}
	copy(found.root[:], root)
	return found
}

// place is the path of a tile as tlog-tiles writes it.
func place(layer string, number int64, width int64) string {
	path := fmt.Sprintf("%03d", number%1000)
	for number >= 1000 {
		number /= 1000
		path = fmt.Sprintf("x%03d/%s", number%1000, path)
	}
	path = filepath.Join("tile", layer, path)
	if width < 256 {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

// reader gives Go's code the export's own tiles, which Go then authenticates against the root.
type reader struct{ dir string }

func (r reader) Height() int                                  { return 8 }
func (r reader) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(r.dir, place(strconv.Itoa(tile.L), tile.N, int64(tile.W))))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func main() {
	dir := os.Args[1]
	vkey, err := os.ReadFile(filepath.Join(dir, "vkey"))
	must(err, "vkey")
	key, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	must(err, "the key")
	keys := note.VerifierList(key)
	bytes, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	must(err, "checkpoint")
	newest := open(bytes, keys)

	// The leaves' hashes from the entries alone.
	var stored []tlog.Hash
	hashes := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	var leaves []tlog.Hash
	for at := int64(0); at < newest.size; {
		width := newest.size - at
		if width > 256 {
			width = 256
		}
		bundle, err := os.ReadFile(filepath.Join(dir, place("entries", at/256, width)))
		must(err, "a bundle")
		for ; len(bundle) > 0; at++ {
			length := int(binary.BigEndian.Uint16(bundle))
			more, err := tlog.StoredHashes(at, bundle[2:2+length], hashes)
			must(err, "an entry")
			leaves = append(leaves, more[0])
			stored = append(stored, more...)
			bundle = bundle[2+length:]
		}
	}
	root, err := tlog.TreeHash(newest.size, hashes)
	must(err, "the tree")
	check(root == newest.root, "the root")

	// The same leaves, by way of the tiles.
	tiles := tlog.TileHashReader(tlog.Tree{N: newest.size, Hash: newest.root}, reader{dir})
	for at, leaf := range leaves {
		if at%7 == 0 || at > len(leaves)-3 {
			found, err := tiles.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(at))})
			must(err, "a tile")
			check(found[0] == leaf, "a leaf in its tile")
			proof, err := tlog.ProveRecord(newest.size, int64(at), tiles)
			must(err, "a proof of inclusion")
			must(tlog.CheckRecord(proof, newest.size, newest.root, int64(at), leaf), "inclusion")
		}
	}

	// Older checkpoints, by Go's proofs.
	older, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*"))
	must(err, "older checkpoints")
	for _, path := range older {
		bytes, err := os.ReadFile(path)
		must(err, path)
		old := open(bytes, keys)
		proof, err := tlog.ProveTree(newest.size, old.size, tiles)
		must(err, "a proof of consistency")
		must(tlog.CheckTree(proof, newest.size, newest.root, old.size, old.root), "consistency")
	}

	// A receipt made by Gaung.
	if len(os.Args) > 2 {
		receipt(os.Args[2], keys, leaves)
	}
	fmt.Printf("%d entries, %d older checkpoints\n", newest.size, len(older))
}

// receipt checks a .tlog-proof with Go's code.
func receipt(path string, keys note.Verifiers, leaves []tlog.Hash) {
	bytes, err := os.ReadFile(path)
	must(err, path)
	parts := strings.SplitN(string(bytes), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	check(lines[0] == "c2sp.org/tlog-proof@v1", "a receipt's first line")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err, "a receipt's index")
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		decoded, err := base64.StdEncoding.DecodeString(line)
		must(err, "a receipt's hash")
		var hash tlog.Hash
		copy(hash[:], decoded)
		proof = append(proof, hash)
	}
	signed := open([]byte(parts[1]), keys)
	must(tlog.CheckRecord(proof, signed.size, signed.root, index, leaves[index]), "a receipt")
}
