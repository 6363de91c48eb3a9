package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const part = "part1"

// Holds the server to a part of the book: go test
func TestPart(t *testing.T) {
	server := filepath.Join(t.TempDir(), "server")
	if said, err := exec.Command("go", "build", "-o", server, ".").CombinedOutput(); err != nil {
		t.Fatalf("it does not build: %s", said)
	}
	proctor := os.Getenv("PROCTOR")
	if proctor == "" {
		proctor = "proctor"
	}
	if said, err := exec.Command(proctor, part, "--", server).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
}
