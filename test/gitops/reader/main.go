// Command reader reads images and paths with the libraries that the OpenTelemetry Operator reads them
// with. It is not the operator, and says nothing of what the operator makes of what was read.
//
// Each line of the input is a question, and each line of the output its answer.
package main

import (
	"bufio"
	_ "crypto/sha256" // A digest is known only if its algorithm is part of the program.
	_ "crypto/sha512"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"github.com/distribution/reference"
)

type question struct {
	Image string `json:"image"`
	Path  string `json:"path"`
}

type answer struct {
	Tag       string `json:"tag"`
	Digest    string `json:"digest"`
	Directory string `json:"directory"`
	File      string `json:"file"`
}

func main() {
	questions := bufio.NewScanner(os.Stdin)
	written := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(written)
	for questions.Scan() {
		var asked question
		if err := json.Unmarshal(questions.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		if err := answers.Encode(read(asked)); err != nil {
			log.Fatal(err)
		}
	}
	if err := questions.Err(); err != nil {
		log.Fatal(err)
	}
	if err := written.Flush(); err != nil {
		log.Fatal(err)
	}
}

func read(asked question) answer {
	found := answer{Directory: filepath.Dir(asked.Path), File: filepath.Base(asked.Path)}
	parsed, err := reference.Parse(asked.Image)
	if err != nil {
		return found
	}
	if tagged, ok := parsed.(reference.Tagged); ok {
		found.Tag = tagged.Tag()
	}
	if digested, ok := parsed.(reference.Digested); ok {
		found.Digest = digested.Digest().String()
	}
	return found
}
