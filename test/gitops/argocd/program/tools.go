//go:build tools

// Package argocd names the program of Argo CD that is tested with, so that go.mod pins every module
// it is built from. It is never compiled itself.
package argocd

import (
	_ "github.com/argoproj/argo-cd/v3/cmd"
)
