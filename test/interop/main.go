// Command interop opens what the service serves with other people's packages: golang.org/x/mod/sumdb/note, tessera's fsck,
// torchwood's client, proofs and litewitness. See go-tools.test.ts.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"filippo.io/torchwood"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const usage = `interop log URL POLICY       the log under URL, read with the bearer token TOKEN
interop note VKEY            the note on standard input: prints its text
interop proof POLICY         the tlog-proof on standard input: prints its extra data, which must be the entry
interop judge VKEY           each line of standard input, "note BASE64" or "proof BASE64 ENTRY" with the entry in base64
                             too: prints yes or no for each
interop witness LITEWITNESS DATABASE ADDRESS NAME VKEY…
                             litewitness, which knows these logs: prints its key, and runs until it is ended`

func main() {
	if len(os.Args) < 3 {
		fail(errors.New(usage))
	}
	switch args := os.Args[2:]; os.Args[1] {
	case "log":
		checkLog(args[0], args[1])
	case "note":
		checkNote(args[0])
	case "proof":
		checkProof(args[0])
	case "judge":
		judge(args[0])
	case "witness":
		runWitness(args[0], args[1], args[2], args[3], args[4:])
	default:
		fail(errors.New(usage))
	}
}

func checkLog(prefix, policyText string) {
	ctx := context.Background()
	policy := must(torchwood.ParsePolicy([]byte(policyText)))
	web := &http.Client{Transport: bearer(os.Getenv("TOKEN"))}

	tiles := must(torchwood.NewTileFetcher(prefix, torchwood.WithHTTPClient(web)))
	signed := must(tiles.ReadEndpoint(ctx, "checkpoint"))
	checkpoint, _, err := torchwood.VerifyCheckpoint(signed, policy)
	check(err)
	reader := must(torchwood.NewClient(tiles))
	var count int64
	for range reader.AllEntries(ctx, checkpoint.Tree, 0) {
		count++
	}
	check(reader.Err())
	if count != checkpoint.N {
		fail(fmt.Errorf("torchwood: %d entries of %d", count, checkpoint.N))
	}
	hashes := torchwood.TileHashReaderWithContext(ctx, checkpoint.Tree, tiles)
	for _, older := range []int64{1, 255, 256, 257, 65_536, checkpoint.N} {
		if older <= checkpoint.N {
			proof := must(tlog.ProveTree(checkpoint.N, older, hashes))
			check(tlog.CheckTree(proof, checkpoint.N, checkpoint.Hash, older, must(tlog.TreeHash(older, hashes))))
		}
	}

	key := must(note.NewVerifier(strings.Fields(policyText)[1]))
	source := must(client.NewHTTPFetcher(must(url.Parse(prefix+"/")), web))
	check(fsck.New(key.Name(), key, source, leafHashes, fsck.Opts{N: 2}).Check(ctx))
	fmt.Println(checkpoint.N)
}

func leafHashes(bundle []byte) (hashes [][]byte, err error) {
	var read api.EntryBundle
	err = read.UnmarshalText(bundle)
	for _, entry := range read.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, err
}

type bearer string

func (token bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	own := request.Clone(request.Context())
	own.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(own)
}

func checkNote(key string) {
	opened := must(note.Open(must(io.ReadAll(os.Stdin)), note.VerifierList(must(note.NewVerifier(key)))))
	fmt.Print(opened.Text)
}

func checkProof(policyText string) {
	proof := must(io.ReadAll(os.Stdin))
	entry := must(torchwood.ProofExtraData(proof))
	check(torchwood.VerifyProof(must(torchwood.ParsePolicy([]byte(policyText))), tlog.RecordHash(entry), proof))
	fmt.Print(string(entry))
}

// The proof's entry comes beside it: what its extra line says is for checkProof.
func judge(key string) {
	verifiers := note.VerifierList(must(note.NewVerifier(key)))
	policy := must(torchwood.ParsePolicy([]byte("log " + key + "\nquorum none\n")))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		fields := strings.Split(lines.Text(), " ")
		text := must(base64.StdEncoding.DecodeString(fields[1]))
		var err error
		if fields[0] == "note" {
			_, err = note.Open(text, verifiers)
		} else {
			entry := must(base64.StdEncoding.DecodeString(fields[2]))
			err = torchwood.VerifyProof(policy, tlog.RecordHash(entry), text)
		}
		fmt.Fprintln(out, map[bool]string{true: "yes", false: "no"}[err == nil])
	}
	check(lines.Err())
}

// The witness's key is made of its name, so that it stays when its database is lost.
func runWitness(program, database, address, name string, logs []string) {
	seed := bytes.Repeat([]byte(name), ed25519.SeedSize)[:ed25519.SeedSize]
	private := ed25519.NewKeyFromSeed(seed)
	keys := agent.NewKeyring()
	check(keys.Add(agent.AddedKey{PrivateKey: private}))
	socket := filepath.Join(filepath.Dir(database), "agent")
	os.Remove(socket)
	listener := must(net.Listen("unix", socket))
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(keys, connection)
		}
	}()

	knowLogs(database, logs)
	public := must(ssh.NewPublicKey(private.Public()))
	command := exec.Command(program, "-db", database, "-listen", address, "-name", name,
		"-ssh-agent", socket, "-key", ssh.FingerprintSHA256(public))
	command.Stderr = os.Stderr
	check(command.Start())
	fmt.Println(must(torchwood.NewCosignatureSigner(name, private)).Verifier())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		command.Process.Kill()
	}()
	command.Wait()
}

// What `witnessctl add-log` and `add-key` do.
func knowLogs(database string, logs []string) {
	db := must(sqlite.OpenConn(database))
	defer db.Close()
	check(sqlitex.ExecScript(db, `
		CREATE TABLE IF NOT EXISTS log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
		CREATE TABLE IF NOT EXISTS key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin));`))
	empty := base64.StdEncoding.EncodeToString(rfc6962.DefaultHasher.EmptyRoot())
	for _, key := range logs {
		origin := must(note.NewVerifier(key)).Name()
		add := func(query string, values ...any) {
			check(sqlitex.Execute(db, query, &sqlitex.ExecOptions{Args: values}))
		}
		add("INSERT OR IGNORE INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", origin, empty)
		add("DELETE FROM key WHERE origin = ?", origin)
		add("INSERT INTO key (origin, key) VALUES (?, ?)", origin, key)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
