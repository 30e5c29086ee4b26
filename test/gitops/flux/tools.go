//go:build tools

// Package flux names the program of Flux that is tested with, so that go.mod pins every module it is
// built from. It is never compiled itself.
package flux

import (
	_ "github.com/fluxcd/kustomize-controller"
)
