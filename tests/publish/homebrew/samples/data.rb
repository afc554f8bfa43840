class Data < Formula
  desc "Carries its patch with it"
  homepage "https://data.example"
  url "https://data.example/data-1.4.0.tar.xz"
  sha256 "1111111111111111111111111111111111111111111111111111111111111111"

  patch :DATA

  def caveats
    <<~EOS
      url "https://data.example/data-1.4.0.tar.xz"
    EOS
  end

  bottle do
    sha256 arm64_sonoma: "2222222222222222222222222222222222222222222222222222222222222222"
  end
end

__END__
diff --git a/x b/x
--- a/x
+++ b/x
@@ -1 +1 @@
-  url "https://data.example/data-1.4.0.tar.xz"
+  revision 1
