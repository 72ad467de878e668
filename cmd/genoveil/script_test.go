package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"genoveil": scripted})
}

// TestScripts runs the scripts in testdata/script. Each is an example of what a
// user types, sees and gets; the files it needs stand at its end.
func TestScripts(t *testing.T) {
	umask := syscall.Umask(0o022) // scripts say which permissions files have
	t.Cleanup(func() { syscall.Umask(umask) })
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("ESCAPES", "a\x1b[2Jb") // which a script cannot spell
			env.Setenv("CONTROL", "a\u009b2Jb")
			testdata, err := filepath.Abs("testdata/chromosomes") // of VCFs with indexes
			env.Setenv("TESTDATA", testdata)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"interrupt": interrupt,
			"killed":    killed,
			"signal":    sendSignal,
			"flip":      flip,
			"shorten":   shorten,
			"rewrite":   rewrite,
			"spaces":    spaces,
			"sparse":    sparse,
			"mode":      mode,
			"tells":     tells,
			"tobam":     tobam,
			"tobinary":  tobinary,
			"sequence":  sequence,
			"install":   install,

			"added":          added,
			"foreach":        foreach,
			"study-join":     studyJoin,
			"worked-example": workedExample,
			"study-run":      studyRun,
			"study-tables":   studyTables,
			"study-people":   studyPeople,
			"study-mail":     studyMail,
			"study-killed":   studyKilled,
			"study-expected": studyExpected,
			"study-pooled":   studyPooled,
		},
	})
}

// install DIR puts the program into a folder of its own, where it finds no genoveil-cuda
// but one that the script puts there.
func install(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: install DIR")
	}
	self, err := os.Executable()
	ts.Check(err)
	program, err := os.ReadFile(self)
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o755))
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[0]), "genoveil"), program, 0o755))
}

// exits CODE COMMAND… runs a command and demands its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, expected %s", code, args[0])
	}
}

// interrupt INPUT FILE COMMAND… runs a command whose standard input is INPUT and
// then stays open, interrupts it (Ctrl-C) as soon as FILE exists, and demands the
// exit code of a command that continues.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt INPUT FILE COMMAND…")
	}
	if code := signalled(ts, os.Interrupt, args).ExitCode(); code != exitInterrupted {
		ts.Fatalf("exit code %d, expected %d", code, exitInterrupted)
	}
}

// killed INPUT PATTERN COMMAND… is interrupt with a signal that no command sees, and
// any file that matches.
func killed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: killed INPUT PATTERN COMMAND…")
	}
	signalled(ts, os.Kill, args)
}

// signalled runs a command until a file matches, and ends it with a signal.
func signalled(ts *testscript.TestScript, with os.Signal, args []string) *os.ProcessState {
	input := ts.ReadFile(args[0])
	program, err := exec.LookPath(args[2])
	ts.Check(err)
	cmd := exec.Command(program, args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	stdin, err := cmd.StdinPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { cmd.Process.Kill() }) // where the script fails before the end
	ended := make(chan error, 1)
	go func() {
		io.WriteString(stdin, input)
		ended <- cmd.Wait()
	}()
	for {
		matches, err := filepath.Glob(ts.MkAbs(args[1]))
		ts.Check(err)
		if len(matches) > 0 {
			break
		}
		select {
		case err := <-ended:
			ts.Fatalf("the command ended (%v) before %s was there", err, args[1])
		case <-time.After(time.Millisecond):
		}
	}
	ts.Check(cmd.Process.Signal(with))
	<-ended
	return cmd.ProcessState
}

// signal NAME PIPE COMMAND… runs a command, sends it a signal as soon as it reads PIPE, to
// which nobody writes, and demands the exit code of a command that was interrupted.
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "USR1": syscall.SIGUSR1}
	if neg || len(args) < 3 || signals[args[0]] == nil {
		ts.Fatalf("usage: signal INT|TERM|USR1 PIPE COMMAND…")
	}
	pipe := ts.MkAbs(args[1])
	ts.Check(syscall.Mkfifo(pipe, 0o600))
	program, err := exec.LookPath(args[2])
	ts.Check(err)
	cmd := exec.Command(program, args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	ts.Defer(func() { cmd.Process.Kill() }) // where the script fails before the end
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		// This fails until somebody reads.
		writer, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			defer writer.Close()
			break
		}
		select {
		case err := <-ended:
			ts.Fatalf("the command ended (%v) before it read %s", err, args[1])
		case <-time.After(time.Millisecond):
		}
	}
	ts.Check(cmd.Process.Signal(signals[args[0]]))
	<-ended
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		ts.Fatalf("exit code %d, expected %d", code, exitInterrupted)
	}
	ts.Check(os.Remove(pipe))
}

// flip FILE OFFSET changes one bit of a file; negative offsets count from its end.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	path, content, at := fileAndOffset(ts, neg, args, "flip")
	content[at] ^= 1
	ts.Check(os.WriteFile(path, content, 0o600))
}

// shorten FILE OFFSET cuts a file off; negative offsets count from its end.
func shorten(ts *testscript.TestScript, neg bool, args []string) {
	path, content, at := fileAndOffset(ts, neg, args, "shorten")
	ts.Check(os.WriteFile(path, content[:at], 0o600))
}

// rewrite FILE OLD NEW replaces text in a zstd file, which must have it.
func rewrite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: rewrite FILE OLD NEW")
	}
	decoder, err := zstd.NewReader(nil)
	ts.Check(err)
	defer decoder.Close()
	text, err := decoder.DecodeAll([]byte(ts.ReadFile(args[0])), nil)
	ts.Check(err)
	if !bytes.Contains(text, []byte(args[1])) {
		ts.Fatalf("%s does not have %s", args[0], args[1])
	}
	encoder, err := zstd.NewWriter(nil)
	ts.Check(err)
	defer encoder.Close()
	text = bytes.ReplaceAll(text, []byte(args[1]), []byte(args[2]))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), encoder.EncodeAll(text, nil), 0o600))
}

// spaces FILE N makes a file of N spaces, packed with zstd.
func spaces(ts *testscript.TestScript, neg bool, args []string) {
	path, n := fileAndSize(ts, neg, args, "spaces")
	encoder, err := zstd.NewWriter(nil)
	ts.Check(err)
	defer encoder.Close()
	ts.Check(os.WriteFile(path, encoder.EncodeAll(bytes.Repeat([]byte(" "), int(n)), nil), 0o600))
}

// sparse FILE N makes a file N bytes long, which take no space.
func sparse(ts *testscript.TestScript, neg bool, args []string) {
	path, n := fileAndSize(ts, neg, args, "sparse")
	ts.Check(os.Truncate(path, n))
}

func fileAndSize(ts *testscript.TestScript, neg bool, args []string, name string) (path string, n int64) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: %s FILE N", name)
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	return ts.MkAbs(args[0]), n
}

func fileAndOffset(ts *testscript.TestScript, neg bool, args []string, name string) (path string, content []byte, at int) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: %s FILE OFFSET", name)
	}
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	path = ts.MkAbs(args[0])
	content = []byte(ts.ReadFile(path))
	if at < 0 {
		at += len(content)
	}
	if at < 0 || at >= len(content) {
		ts.Fatalf("%s has %d bytes", args[0], len(content))
	}
	return path, content, at
}

// mode PERM FILE… demands the permissions of files, in octal. Names may be patterns.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: mode PERM FILE…")
	}
	for _, pattern := range args[1:] {
		names, err := filepath.Glob(ts.MkAbs(pattern))
		ts.Check(err)
		if len(names) == 0 {
			ts.Fatalf("there is no %s", pattern)
		}
		for _, name := range names {
			info, err := os.Stat(name)
			ts.Check(err)
			if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
				ts.Fatalf("%s has mode %s, expected %s", name, got, args[0])
			}
		}
	}
}

// [!] tells WORDS PATH… demands that every (or no) word in the file WORDS stands
// in the files, or in those below the directories, as they are or decompressed.
func tells(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: [!] tells WORDS PATH…")
	}
	content := everything(ts, args[1:])
	words := strings.Fields(ts.ReadFile(args[0]))
	if len(words) == 0 || len(content) == 0 {
		ts.Fatalf("nothing to look for, or nowhere")
	}
	for _, word := range words {
		if found := bytes.Contains(content, []byte(word)); found == neg {
			ts.Fatalf("%q in %s: %t", word, strings.Join(args[1:], ", "), found)
		}
	}
}

// everything is the content of files, raw and (where it is zstd) decompressed.
func everything(ts *testscript.TestScript, paths []string) []byte {
	decoder, err := zstd.NewReader(nil)
	ts.Check(err)
	defer decoder.Close()
	var all []byte
	for _, path := range paths {
		ts.Check(filepath.WalkDir(ts.MkAbs(path), func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			all = append(all, content...)
			if plain, err := decoder.DecodeAll(content, nil); err == nil {
				all = append(all, plain...)
			}
			return nil
		}))
	}
	return all
}
