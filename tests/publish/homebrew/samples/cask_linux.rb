cask "cask_linux" do
  version "1.4.0"

  on_linux do
    arch arm: "arm64", intel: "amd64"

    sha256 arm64_linux:  "1111111111111111111111111111111111111111111111111111111111111111",
           x86_64_linux: "2222222222222222222222222222222222222222222222222222222222222222"
  end

  url "https://github.com/acme/workbench/releases/download/v#{version}/workbench-#{arch}.tar.gz"
  name "Workbench"
  desc "Only for Linux"
  homepage "https://workbench.example/"

  depends_on :linux

  binary "workbench"
end
