cask "cask_arch" do
  arch arm: "arm64", intel: "x64"

  version "1.4.0"
  sha256 arm:   "1111111111111111111111111111111111111111111111111111111111111111",
         intel: "2222222222222222222222222222222222222222222222222222222222222222"

  url "https://github.com/acme/app/releases/download/v#{version}/app-darwin-#{arch}.zip",
      verified: "github.com/acme/app/"
  name "App"
  desc "Does things"
  homepage "https://app.example/"

  livecheck do
    url :url
    strategy :github_latest
  end

  auto_updates true
  depends_on macos: ">= :ventura"

  app "App.app"

  zap trash: "~/Library/Application Support/App"
end
