import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.Executors;

/** Knows how much is left, and has the cart keep it. */
public class Stock {
  public static void main(String[] none) throws Exception {
    var port = Integer.parseInt(System.getenv("PORT"));
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.createContext("/ready", exchange -> answer(exchange, "ready"));
    server.createContext("/own", exchange -> answer(exchange, System.getProperty("own", "none")));
    server.createContext("/left/", exchange -> {
      var item = exchange.getRequestURI().getPath().substring("/left/".length());
      answer(exchange, ask(System.getenv("CART_URL") + "/kept/" + item));
    });
    server.start();
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    var bytes = text.getBytes();
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Each time anew: a connection that is kept would stay with one pod. */
  private static String ask(String url) {
    try {
      var request = HttpRequest.newBuilder(URI.create(url)).build();
      return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    } catch (Exception error) {
      return error.toString();
    }
  }
}
