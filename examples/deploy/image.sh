#!/bin/sh
# Builds the image of an example, looks for known holes and secrets in it, and pushes it: sh image.sh media
# REGISTRY and REVISION say how it is called: $REGISTRY/media:$REVISION. With PUSH=false it stays here.
set -eu
example=${1:?Say which example}
image="${REGISTRY:?}/$example:${REVISION:?}"
root=$(cd "$(dirname "$0")/../.." && pwd)

packages=
# Its users ask it by curl from inside the container.
if [ "$example" = tasker ]; then packages=curl; fi
docker build --file "$root/examples/Dockerfile" --tag "$image" \
  --build-arg "EXAMPLE=$example" --build-arg "PACKAGES=$packages" --build-arg "REVISION=$REVISION" "$root"

# The scanner is an image too, so nothing has to be installed. It reads ours as a file, in a folder that Docker sees wherever this runs.
work=$(mktemp -d "$root/.scan-XXXXXX")
trap 'rm -rf "$work"' EXIT
docker save "$image" --output "$work/image.tar"
docker run --rm --volume "$work:/scan" "${SCANNER:-aquasec/trivy:0.67.2}" image --input /scan/image.tar \
  --scanners vuln,secret --severity HIGH,CRITICAL --ignore-unfixed --exit-code 1

[ "${PUSH:-true}" = false ] || docker push "$image"
